using System.Text.Json;
using Npgsql;
using Platform.Eventing.Consumers;

namespace Platform.Faults.Host;

/// <summary>One row per event, in the group's transaction; and an echo of each entry.</summary>
internal abstract class WriteEffects(string group, bool echo) : IEventHandler
{
    public async Task HandleAsync(ConsumerBatch batch, CancellationToken cancellationToken)
    {
        var numbers = batch.Events.Select(e => JsonDocument.Parse(e.Data).RootElement.GetProperty("n").GetInt32()).ToArray();
        await using var insert = new NpgsqlCommand("""
            INSERT INTO ledger.effect (consumer_group, event_id, key, n)
            SELECT $1, id, key, n FROM unnest($2::uuid[], $3::text[], $4::int[]) WITH ORDINALITY AS e(id, key, n, ord) ORDER BY ord
            """, batch.Connection)
        {
            Parameters =
            {
                new() { Value = group },
                new() { Value = batch.Events.Select(e => e.Id).ToArray() },
                new() { Value = batch.Events.Select(e => e.Subject).ToArray() },
                new() { Value = numbers },
            },
        };
        await insert.ExecuteNonQueryAsync(cancellationToken);
        for (var i = 0; echo && i < numbers.Length; i++)
        {
            batch.Publish(LedgerEvents.Echo(batch.Events[i].Subject, numbers[i]));
        }
    }
}

internal sealed class WriteEntries() : WriteEffects(LedgerEvents.EntriesGroup, echo: true);

internal sealed class WriteEchoes() : WriteEffects(LedgerEvents.EchoesGroup, echo: false);
