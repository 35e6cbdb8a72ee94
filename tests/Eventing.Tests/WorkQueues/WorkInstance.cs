using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Platform.Contracts.Identifiers;
using Platform.Eventing.Database;
using Platform.Eventing.WorkQueues;
using Platform.Testing;

namespace Platform.Eventing.Tests.WorkQueues;

internal sealed class WorkDatabase(DataSources sources)
    : ServiceDatabase("sample", new MigrationSet("sample", [Migration.Create("0001_outcome.sql", """
        CREATE TABLE {schema}.outcome (id uuid, attempt int, note text NOT NULL CHECK (note <> 'poison'), seq bigint GENERATED ALWAYS AS IDENTITY);
        """)]), sources, WorkQueue.Migrations);

/// <summary>What the sample handler does with an item, and what it has seen.</summary>
internal sealed class WorkBehaviour
{
    public Func<WorkItem, CancellationToken, Task<WorkOutcome<string>>> Run { get; set; } = (_, _) => Task.FromResult(WorkOutcome<string>.Finish("done"));
    public ConcurrentQueue<WorkItem> Started { get; } = new();
}

internal sealed class WorkHandler(WorkBehaviour behaviour) : IWorkHandler<int, string>
{
    public Task<IReadOnlyDictionary<Guid, int>> LoadAsync(IReadOnlyList<WorkItem> items, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyDictionary<Guid, int>>(items.ToDictionary(i => i.Id, i => i.Attempt));

    public Task<WorkOutcome<string>> RunAsync(WorkItem item, int work, CancellationToken cancellationToken)
    {
        behaviour.Started.Enqueue(item);
        return behaviour.Run(item, cancellationToken);
    }

    public void WriteEffects(NpgsqlBatch batch, IReadOnlyList<FinishedWork<int, string>> finished) =>
        batch.BatchCommands.Add(new NpgsqlBatchCommand("""
            INSERT INTO sample.outcome (id, attempt, note) SELECT * FROM unnest($1::uuid[], $2::int[], $3::text[])
            """)
        {
            Parameters =
            {
                new() { Value = finished.Select(f => f.Item.Id).ToArray() },
                new() { Value = finished.Select(f => f.Item.Attempt).ToArray() },
                new() { Value = finished.Select(f => f.Outcome.Result).ToArray() },
            },
        });
}

/// <summary>One process's worth of workers.</summary>
internal sealed class WorkInstance : IAsyncDisposable
{
    private readonly IHost _host;

    private WorkInstance(IHost host, TestDatabase database)
    {
        _host = host;
        Database = database;
    }

    public TestDatabase Database { get; }
    public WorkBehaviour Behaviour => _host.Services.GetRequiredService<WorkBehaviour>();
    public WorkDatabase Service => _host.Services.GetRequiredService<WorkDatabase>();

    public static async Task<WorkInstance> StartAsync(
        TestDatabase? database = null, WorkBehaviour? behaviour = null, Action<WorkQueueOptions>? configure = null)
    {
        database ??= await TestPostgres.CreateDatabaseAsync();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:platform"] = database.ConnectionString + ";Maximum Pool Size=20",
        });
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.Services.AddSingleton(behaviour ?? new WorkBehaviour());
        builder.Services.AddEventing<WorkDatabase>();
        builder.Services.AddWorkQueue<WorkDatabase, WorkHandler, int, string>("sample", options =>
        {
            options.Queues = [new("critical", 6, Reserved: 2), new("default", 3), new("bulk", 1)];
            options.Concurrency = 8;
            options.Poll = TimeSpan.FromMilliseconds(100);
            options.Watch = TimeSpan.FromMilliseconds(200);
            options.RetryDelay = TimeSpan.FromMilliseconds(100);
            configure?.Invoke(options);
        });
        var host = builder.Build();
        await host.Services.GetRequiredService<DatabaseStartup>().RunAsync(CancellationToken.None);
        await host.StartAsync();
        return new(host, database);
    }

    public async Task<Guid[]> EnqueueAsync(int count, string queue = "default", DateTimeOffset? runAt = null, int priority = 0, Guid tenant = default)
    {
        var work = Enumerable.Range(0, count).Select(_ => New(queue, tenant) with { RunAt = runAt, Priority = priority }).ToArray();
        await using var connection = await Service.System.OpenConnectionAsync();
        await using var batch = new NpgsqlBatch(connection);
        if (count == 1)
        {
            WorkQueue.Enqueue(batch, "sample", work[0]);
        }
        else
        {
            WorkQueue.EnqueueMany(batch, "sample", work);
        }

        await batch.ExecuteNonQueryAsync();
        Wake();
        return [.. work.Select(w => w.Id)];
    }

    public void Wake() => _host.Services.GetRequiredService<WorkSignal<WorkDatabase>>().Set();

    public async Task<long> QueuedAsync() => await Database.ScalarAsync<long>("SELECT count(*) FROM sample.work_item");

    public async Task<long> OutcomesAsync() => await Database.ScalarAsync<long>("SELECT count(*) FROM sample.outcome");

    /// <summary>Which attempts of an item had their outcome written, in order.</summary>
    public async Task<int[]> AttemptsAsync(Guid id) =>
        await Database.ScalarAsync<int[]>($"SELECT coalesce(array_agg(attempt ORDER BY seq), '{{}}') FROM sample.outcome WHERE id = '{id}'");

    public Task IsEmptyAsync() => Eventually.IsTrueAsync(async () => await QueuedAsync() == 0, "the queue is empty");

    public Task StopAsync() => _host.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
    }

    private static NewWork New(string queue, Guid tenant) => new(TypeId.New(TimeProvider.System), tenant, queue);
}
