using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Platform.Contracts.Events;
using Platform.Contracts.Identifiers;
using Platform.Eventing.Consumers;
using Platform.Eventing.Outbox;
using Platform.Testing;

namespace Platform.Eventing.Tests;

/// <summary>Handlers of declared events.</summary>
public sealed class TypedConsumerTests
{
    [Fact]
    public async Task The_example_of_the_guide_counts_each_event_once_and_only_its_own_type()
    {
        await using var instance = await TypedInstance.StartAsync(events => events.AddConsumer<JobSucceeded, CountJobs>("sample.job-counts"));
        var tenant = TypeId.New(TimeProvider.System);
        var once = Job<JobSucceeded>(tenant, "job_1", "noop");
        await instance.PublishAsync(once, Job<JobDead>(tenant, "job_1", "noop"), Job<JobSucceeded>(tenant, "job_2", "noop"));
        await instance.PublishAsync(once, Job<JobSucceeded>(tenant, "job_1", "last"));
        await Eventually.IsTrueAsync(async () => await instance.CountAsync("sample.job_count WHERE type = 'last'") == 1, "the last one");
        await Eventually.IsTrueAsync(async () => await instance.CountAsync("sample.job_count WHERE type = 'noop' AND n = 2") == 1, "two of the others");
        Assert.Equal(tenant, await instance.Database.ScalarAsync<Guid>("SELECT DISTINCT tenant_id FROM sample.job_count"));
    }

    [Fact]
    public void The_guide_shows_the_handler_that_is_tested_here()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Platform.sln")))
        {
            root = root.Parent!;
        }

        var source = File.ReadAllText(Path.Combine(root.FullName, "tests/Eventing.Tests/CountJobs.cs")).ReplaceLineEndings("\n");
        var guide = File.ReadAllText(Path.Combine(root.FullName, "docs/guides/consumers.md")).ReplaceLineEndings("\n");
        Assert.Contains(source[source.IndexOf("internal sealed class", StringComparison.Ordinal)..], guide, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_batch_handler_gets_many_events_at_once_in_order()
    {
        var sizes = new ConcurrentQueue<int>();
        await using var instance = await TypedInstance.StartAsync(
            events => events.AddConsumer<ResourceUpdated, WriteMany>("sample.many"), services => services.AddSingleton(sizes));
        await instance.PublishAsync([.. Enumerable.Range(1, 300).Select(n => TypedInstance.Updated($"key{n % 3}", n))]);
        await Eventually.IsTrueAsync(async () => await instance.CountAsync("sample.effect") == 300, "300 effects");
        Assert.Equal(300, sizes.Sum());
        Assert.True(sizes.Count < 100, $"in {sizes.Count} batches");
        for (var key = 0; key < 3; key++)
        {
            Assert.Equal(Enumerable.Range(1, 300).Where(n => n % 3 == key), await instance.EffectsAsync($"key{key}"));
        }
    }

    [Fact]
    public async Task A_handler_and_its_scoped_dependencies_live_for_one_batch()
    {
        var ledgers = new ConcurrentQueue<Ledger>();
        await using var instance = await TypedInstance.StartAsync(
            events => events.AddConsumer<ResourceUpdated, KeepLedger>("sample.ledger", g => g with { MaxBatch = 10 }),
            services => services.AddScoped<Ledger>().AddSingleton(ledgers));
        await instance.PublishAsync([.. Enumerable.Range(1, 35).Select(n => TypedInstance.Updated("a", n))]);
        await Eventually.IsTrueAsync(() => ledgers.Sum(l => l.Entries) == 35 && ledgers.All(l => l.IsDisposed), "all are entered and closed");
        Assert.True(ledgers.Count >= 4, $"{ledgers.Count} ledgers for batches of 10");
        Assert.Contains(ledgers, l => l.Entries > 1);
        Assert.All(ledgers, l => Assert.InRange(l.Entries, 1, 10));
    }

    [Fact]
    public async Task Data_of_another_shape_is_poison_and_the_others_of_its_batch_are_done()
    {
        await using var instance = await TypedInstance.StartAsync(
            events => events.AddConsumer<ResourceUpdated, WriteMany>("sample.many", TypedInstance.Hasty), services => services.AddSingleton(new ConcurrentQueue<int>()));
        await instance.PublishAsync(
            TypedInstance.Updated("good", 1),
            OutboxMessage.FromJson(EventTypes.ResourceUpdated, Topics.Core, "sample", Guid.Empty, "bad", """{"id":"bad","version":"many"}"""u8.ToArray(), TimeProvider.System),
            OutboxMessage.FromJson(EventTypes.ResourceUpdated, Topics.Core, "sample", Guid.Empty, "worse", "null"u8.ToArray(), TimeProvider.System),
            TypedInstance.Updated("good", 2));
        await Eventually.IsTrueAsync(async () => (await instance.EffectsAsync("good")).Length == 2, "the good ones");
        await Eventually.IsTrueAsync(async () => await instance.CountAsync("sample.dead_event") == 2, "the bad ones are dead");
        Assert.Equal(2L, await instance.CountAsync("sample.dead_event WHERE error LIKE '%JsonException%' AND consumer_group = 'sample.many'"));
        Assert.Equal(2L, await instance.CountAsync("sample.effect"));
    }

    [Fact]
    public async Task What_a_handler_calls_poison_is_dead_with_its_reason()
    {
        await using var instance = await TypedInstance.StartAsync(events => events.AddConsumer<ResourceUpdated, RefuseTwo>("sample.refusing", TypedInstance.Hasty));
        await instance.PublishAsync(TypedInstance.Updated("a", 1), TypedInstance.Updated("a", 2), TypedInstance.Updated("a", 3));
        await Eventually.IsTrueAsync(async () => (await instance.EffectsAsync("a")).SequenceEqual([1, 3]), "the key goes on");
        Assert.Equal(1L, await instance.CountAsync("sample.dead_event WHERE error LIKE '%two is never right%'"));
    }

    [Fact]
    public async Task What_a_handler_publishes_leaves_with_its_effects_and_once()
    {
        var attempts = new Attempts();
        await using var instance = await TypedInstance.StartAsync(
            events => events
                .AddConsumer<ResourceUpdated, Answer>("sample.answer")
                .AddConsumer<JobSucceeded, CountJobs>("sample.job-counts"),
            services => services.AddSingleton(attempts));
        await instance.PublishAsync(TypedInstance.Updated("a", 1));
        await Eventually.IsTrueAsync(async () => await instance.CountAsync("sample.job_count WHERE type = 'answer' AND n = 1") == 1, "the answer is heard");
        await Eventually.IsTrueAsync(() => Volatile.Read(ref attempts.Committed) == 1, "and the commit is told");
        Assert.Equal(2, attempts.Started);
        Assert.Equal(1L, await instance.CountAsync("stream.events_core WHERE headers::json->>'ce_type' = 'job.succeeded'"));
    }

    [Fact]
    public async Task Two_groups_of_one_name_stop_the_start()
    {
        var refused = await Assert.ThrowsAsync<DuplicateConsumerGroupException>(() => TypedInstance.StartAsync(events => events
            .AddConsumer<JobSucceeded, CountJobs>("sample.same")
            .AddConsumer<ResourceUpdated, RefuseTwo>("sample.same")));
        Assert.Contains("'sample.same' is registered twice", refused.Message, StringComparison.Ordinal);

        // A name that is given by the settings counts as well.
        await Assert.ThrowsAsync<DuplicateConsumerGroupException>(() => TypedInstance.StartAsync(events => events
            .AddConsumer<JobSucceeded, CountJobs>("sample.same")
            .AddConsumer<ResourceUpdated, RefuseTwo>("sample.other", g => g with { Name = "sample.same" })));
    }

    [Fact]
    public void A_handler_handles_the_event_in_one_of_the_two_ways()
    {
        var builder = new EventingBuilder<TypedDatabase>(new ServiceCollection());
        Assert.Contains("either", Assert.Throws<ArgumentException>(() => builder.AddConsumer<JobDead, CountJobs>("sample.neither")).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => builder.AddConsumer<JobDead, Both>("sample.both"));
        Assert.Contains("EventJson", Assert.Throws<ArgumentException>(() => builder.AddConsumer<Undeclared, HandleUndeclared>("sample.undeclared")).Message, StringComparison.Ordinal);
    }

    private static OutboxMessage Job<TEvent>(Guid tenant, string id, string type)
        where TEvent : JobChanged, IEvent =>
        OutboxMessage.FromJson(TEvent.EventType, TEvent.Topic, "sample", tenant, id, System.Text.Encoding.UTF8.GetBytes(
            $$"""{"id":"{{id}}","queue":"default","type":"{{type}}","state":"x","attempt":1,"max_attempts":1,"field_of_the_future":[]}"""), TimeProvider.System);

    private static async Task WriteAsync(EventTransaction transaction, IReadOnlyList<Received<ResourceUpdated>> events, CancellationToken cancellationToken)
    {
        await using var insert = new NpgsqlCommand(
            "INSERT INTO sample.effect (event_id, key, n) SELECT * FROM unnest($1::uuid[], $2::text[], $3::int[])", transaction.Connection);
        insert.Parameters.Add(new() { Value = events.Select(e => e.Id).ToArray() });
        insert.Parameters.Add(new() { Value = events.Select(e => e.Subject).ToArray() });
        insert.Parameters.Add(new() { Value = events.Select(e => (int)e.Data.Version).ToArray() });
        await insert.ExecuteNonQueryAsync(cancellationToken);
    }

    private sealed class WriteMany(ConcurrentQueue<int> sizes) : IEventBatchHandler<ResourceUpdated>
    {
        public async Task HandleAsync(IReadOnlyList<Received<ResourceUpdated>> events, EventTransaction transaction, CancellationToken cancellationToken)
        {
            await WriteAsync(transaction, events, cancellationToken);
            transaction.AfterCommit(() => sizes.Enqueue(events.Count));
        }
    }

    private sealed class Ledger : IDisposable
    {
        public int Entries { get; set; }
        public bool IsDisposed { get; private set; }
        public void Dispose() => IsDisposed = true;
    }

    private sealed class KeepLedger(Ledger ledger, ConcurrentQueue<Ledger> ledgers) : IEventHandler<ResourceUpdated>
    {
        public Task HandleAsync(Received<ResourceUpdated> received, EventTransaction transaction, CancellationToken cancellationToken)
        {
            Assert.False(ledger.IsDisposed);
            if (ledger.Entries++ == 0)
            {
                ledgers.Enqueue(ledger);
            }

            return Task.CompletedTask;
        }
    }

    private sealed class RefuseTwo : IEventHandler<ResourceUpdated>
    {
        public Task HandleAsync(Received<ResourceUpdated> received, EventTransaction transaction, CancellationToken cancellationToken) =>
            received.Data.Version == 2 ? throw new PoisonEventException("two is never right") : WriteAsync(transaction, [received], cancellationToken);
    }

    private sealed class Attempts
    {
        public int Started;
        public int Committed;
    }

    /// <summary>Publishes, and fails after that at its first attempt.</summary>
    private sealed class Answer(Attempts attempts) : IEventHandler<ResourceUpdated>
    {
        public Task HandleAsync(Received<ResourceUpdated> received, EventTransaction transaction, CancellationToken cancellationToken)
        {
            transaction.Publish(Job<JobSucceeded>(received.TenantId, received.Subject, "answer"));
            transaction.AfterCommit(() => Interlocked.Increment(ref attempts.Committed));
            return attempts.Started++ == 0 ? throw new InvalidOperationException("not yet") : WriteAsync(transaction, [received], cancellationToken);
        }
    }

    private sealed class Both : IEventHandler<JobDead>, IEventBatchHandler<JobDead>
    {
        public Task HandleAsync(Received<JobDead> received, EventTransaction transaction, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task HandleAsync(IReadOnlyList<Received<JobDead>> events, EventTransaction transaction, CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed record Undeclared : IEvent
    {
        public static string EventType => "undeclared";
        public static Topic Topic => Topics.Core;
    }

    private sealed class HandleUndeclared : IEventHandler<Undeclared>
    {
        public Task HandleAsync(Received<Undeclared> received, EventTransaction transaction, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
