using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Platform.Contracts.Events;
using Platform.Eventing.Consumers;
using Platform.Eventing.Database;
using Platform.Eventing.Outbox;
using Platform.Eventing.Streams;
using Platform.Testing;

namespace Platform.Eventing.Tests;

internal sealed class SampleDatabase(DataSources sources)
    : ServiceDatabase("sample", new MigrationSet("sample", [Migration.Create("0001_effect.sql", """
        CREATE TABLE {schema}.effect (event_id uuid, key text, n int, seq bigint GENERATED ALWAYS AS IDENTITY);
        """)]), sources);

/// <summary>What the sample handler does, so that a test can make it fail.</summary>
internal sealed class SampleBehaviour
{
    /// <summary>Called for each event before its effect is written; throws to fail.</summary>
    public Func<ReceivedEvent, Task> Before { get; set; } = _ => Task.CompletedTask;

    /// <summary>Why only a part of it can be done; null for all.</summary>
    public Func<ReceivedEvent, string?> GivesUp { get; set; } = _ => null;
}

/// <summary>Writes one row per event, in the transaction.</summary>
internal sealed class SampleHandler(SampleBehaviour behaviour) : IEventHandler
{
    public async Task HandleAsync(ConsumerBatch batch, CancellationToken cancellationToken)
    {
        foreach (var received in batch.Events)
        {
            await using var insert = new NpgsqlCommand("INSERT INTO sample.effect (event_id, key, n) VALUES ($1, $2, $3)", batch.Connection)
            {
                Parameters =
                {
                    new() { Value = received.Id }, new() { Value = received.Subject }, new() { Value = (int)received.Read<ResourceUpdated>().Version },
                },
            };
            await insert.ExecuteNonQueryAsync(cancellationToken);
            await behaviour.Before(received);
            if (behaviour.GivesUp(received) is { } reason)
            {
                batch.GiveUp(received, reason);
            }
        }
    }
}

/// <summary>One instance of a service with an outbox, a relay and a consumer group.</summary>
internal sealed class SampleInstance : IAsyncDisposable
{
    private static int _instances;
    private readonly IHost _host;

    private SampleInstance(IHost host, TestDatabase database)
    {
        _host = host;
        Database = database;
    }

    public TestDatabase Database { get; }
    public SampleBehaviour Behaviour => _host.Services.GetRequiredService<SampleBehaviour>();
    public IEventStream Stream => _host.Services.GetRequiredService<IEventStream>();
    public SampleDatabase Service => _host.Services.GetRequiredService<SampleDatabase>();

    public static async Task<SampleInstance> StartAsync(
        TestDatabase? database = null, bool consume = true, string? streamConnectionString = null, SampleBehaviour? behaviour = null, string? kafka = null, string stream = "", bool superuser = false,
        Action<EventingBuilder<SampleDatabase>>? more = null)
    {
        database ??= await TestPostgres.CreateDatabaseAsync();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:platform"] = (superuser ? database.AdminConnectionString : database.ConnectionString) + ";Maximum Pool Size=20",
            ["ConnectionStrings:stream"] = streamConnectionString,
            ["ConnectionStrings:kafka"] = kafka,
            ["Eventing:Stream"] = stream,
            ["Eventing:RemainderCheck"] = "00:00:00.500",
            ["Eventing:InPlaceDelay"] = "00:00:00.010",
            ["Eventing:ParkedDelay"] = "00:00:00.050",
            ["Eventing:Rebalance"] = "00:00:00.100",
            ["Eventing:ElectionRetry"] = "00:00:00.100",
            ["Eventing:Instance"] = $"instance-{Interlocked.Increment(ref _instances)}",
            ["Eventing:RetryDelay"] = "00:00:00.100",
        });
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.Services.AddSingleton(behaviour ?? new SampleBehaviour());
        builder.Services.AddEventing<SampleDatabase>(events =>
        {
            if (consume)
            {
                events.AddConsumer<SampleHandler>("sample.effects", [Topics.Core], [EventTypes.ResourceUpdated], g => g with { ParkedAttempts = 4 });
            }

            more?.Invoke(events);
        });
        var host = builder.Build();
        await host.Services.GetRequiredService<DatabaseStartup>().RunAsync(CancellationToken.None);
        await host.StartAsync();
        return new(host, database);
    }

    /// <summary>One turn of the hourly upkeep of the inbox.</summary>
    public Task MaintainAsync() => _host.Services.GetRequiredService<DatabaseStartup>().MaintainInboxesAsync(CancellationToken.None);

    /// <summary>Commits one event of a key with its number.</summary>
    public Task<Guid> PublishAsync(string key, int number) => PublishAsync(Message(key, number));

    public async Task<Guid> PublishAsync(OutboxMessage message)
    {
        await using var connection = await Service.System.OpenConnectionAsync();
        await using var batch = new NpgsqlBatch(connection);
        OutboxWriter.Append(batch, "sample", message);
        await batch.ExecuteNonQueryAsync();
        Service.OutboxWritten.Set();
        return message.Id;
    }

    public static OutboxMessage Message(string key, int number) => OutboxMessage.Create("sample", Guid.Empty, key, new ResourceUpdated
    {
        Id = key, Type = "sample", Version = number, CreatedAt = default, UpdatedAt = default,
    }, TimeProvider.System);

    /// <summary>The numbers of a key's effects, in the order in which they happened.</summary>
    public async Task<int[]> EffectsAsync(string key) =>
        await Database.ScalarAsync<int[]>($"SELECT coalesce(array_agg(n ORDER BY seq), '{{}}') FROM sample.effect WHERE key = '{key}'");

    public async Task<long> CountAsync(string table) => await Database.ScalarAsync<long>($"SELECT count(*) FROM {table}");

    /// <summary>Stops its workers; its database can still be used.</summary>
    public Task StopAsync() => _host.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        if (_host is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync();
        }
    }
}
