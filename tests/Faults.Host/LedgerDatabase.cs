using System.Text.Json;
using Platform.Contracts.Events;
using Platform.Eventing.Database;
using Platform.Eventing.Outbox;

namespace Platform.Faults.Host;

/// <summary>The schema of the service under fault.</summary>
public sealed class LedgerDatabase(DataSources sources)
    : ServiceDatabase(Name, MigrationSet.FromAssembly("ledger", typeof(LedgerDatabase).Assembly, "Ledger"), sources)
{
    public const string Name = "ledger";
}

/// <summary>The events of the ledger: entries, and an echo of each that the first group emits and the second one reads.</summary>
public static class LedgerEvents
{
    public const string EntriesGroup = "ledger.entries";
    public const string EchoesGroup = "ledger.echoes";
    public static readonly Topic Entries = Topics.Core;
    public static readonly Topic Echoes = Topics.Audit;

    public static OutboxMessage Entry(string key, int n) => Create("ledger.entry", Entries, key, n);

    public static OutboxMessage Echo(string key, int n) => Create("ledger.echo", Echoes, key, n);

    private static OutboxMessage Create(string type, Topic topic, string key, int n) =>
        OutboxMessage.FromJson(type, topic, LedgerDatabase.Name, Guid.Empty, key, JsonSerializer.SerializeToUtf8Bytes(new { n }), TimeProvider.System);
}
