using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Platform.Contracts.Events;
using Platform.Eventing.Consumers;
using Platform.Eventing.Database;
using Platform.Eventing.Outbox;
using Platform.Testing;

namespace Platform.Eventing.Tests;

internal sealed class TypedDatabase(DataSources sources)
    : ServiceDatabase("sample", new MigrationSet("sample", [Migration.Create("0001_effect.sql", """
        CREATE TABLE {schema}.effect (event_id uuid, key text, n int, seq bigint GENERATED ALWAYS AS IDENTITY);
        CREATE TABLE {schema}.job_count (tenant_id uuid, type text, n int, PRIMARY KEY (tenant_id, type));
        """)]), sources);

/// <summary>A host with an outbox, a relay and the consumers that a test names.</summary>
internal sealed class TypedInstance(IHost host, TestDatabase database) : IAsyncDisposable
{
    public TestDatabase Database => database;

    public static async Task<TypedInstance> StartAsync(
        Action<EventingBuilder<TypedDatabase>> consumers, Action<IServiceCollection>? more = null)
    {
        var database = await TestPostgres.CreateDatabaseAsync();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:platform"] = database.ConnectionString + ";Maximum Pool Size=20",
            ["Eventing:InPlaceDelay"] = "00:00:00.010",
            ["Eventing:ParkedDelay"] = "00:00:00.020",
            ["Eventing:Rebalance"] = "00:00:00.100",
            ["Eventing:RetryDelay"] = "00:00:00.100",
        });
        builder.Logging.SetMinimumLevel(LogLevel.None);
        more?.Invoke(builder.Services);
        builder.Services.AddEventing(consumers);
        var instance = new TypedInstance(builder.Build(), database);
        try
        {
            await instance.RunAsync();
        }
        catch
        {
            await instance.DropAsync();
            throw;
        }

        return instance;
    }

    /// <summary>Few attempts, so that poison is soon dead.</summary>
    public static ConsumerGroup Hasty(ConsumerGroup group) => group with { InPlaceAttempts = 1, ParkedAttempts = 2 };

    /// <summary>Commits the messages together.</summary>
    public Task PublishAsync(params OutboxMessage[] messages) => host.Services.GetRequiredService<TypedDatabase>().AppendAsync(messages);

    public static OutboxMessage Updated(string key, int number) => OutboxMessage.Create("sample", Guid.Empty, key, new ResourceUpdated
    {
        Id = key, Type = "sample", Version = number, CreatedAt = default, UpdatedAt = default,
    }, TimeProvider.System);

    public async Task<long> CountAsync(string table) => await database.ScalarAsync<long>($"SELECT count(*) FROM {table}");

    /// <summary>The numbers of a key's effects, in the order in which they happened.</summary>
    public async Task<int[]> EffectsAsync(string key) =>
        await database.ScalarAsync<int[]>($"SELECT coalesce(array_agg(n ORDER BY seq), '{{}}') FROM sample.effect WHERE key = '{key}'");

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        await DropAsync();
    }

    private ValueTask DropAsync() => ((IAsyncDisposable)host).DisposeAsync();

    private async Task RunAsync()
    {
        await host.Services.GetRequiredService<DatabaseStartup>().RunAsync(CancellationToken.None);
        await host.StartAsync();
    }
}
