using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Platform.Contracts.Events;
using Platform.Eventing.Consumers;
using Platform.Eventing.Database;
using Platform.Eventing.Outbox;
using Platform.Eventing.Streams;
using Platform.Testing;

namespace Platform.Eventing.Tests.Conformance;

/// <summary>One engine with nothing in it, and the means to run instances on it.</summary>
internal sealed class StreamUnderTest : IAsyncDisposable
{
    public const string Postgres = "postgresql";
    public const string MockedKafka = "kafka (mock cluster)";
    public const string Kafka = "kafka";
    private readonly List<IAsyncDisposable> _started = [];
    private int _position;

    private StreamUnderTest(TestDatabase database, MockKafka? mock, string? kafka)
    {
        Database = database;
        Mock = mock;
        KafkaConnection = kafka;
    }

    /// <summary>Every engine that can be had here.</summary>
    public static IEnumerable<string> Engines =>
        Environment.GetEnvironmentVariable("ConnectionStrings__kafka") is { Length: > 0 } ? [Postgres, MockedKafka, Kafka] : [Postgres, MockedKafka];

    public TestDatabase Database { get; }

    /// <summary>The mock cluster; null on other engines.</summary>
    public MockKafka? Mock { get; }

    /// <summary>Null on PostgreSQL.</summary>
    public string? KafkaConnection { get; }

    public static async Task<StreamUnderTest> StartAsync(string engine)
    {
        var database = await TestPostgres.CreateDatabaseAsync();
        switch (engine)
        {
            case Postgres:
                return new(database, null, null);
            case MockedKafka:
                var mock = new MockKafka();
                return new(database, mock, mock.ConnectionString);
            default:
                var given = Environment.GetEnvironmentVariable("ConnectionStrings__kafka")!;
                var own = given.Contains('=', StringComparison.Ordinal) ? given : "bootstrap.servers=" + given;
                return new(database, null, $"{own};topic.prefix=test-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}.");
        }
    }

    /// <summary>A service with an outbox, a relay and, unless told otherwise, a consumer group.</summary>
    public async Task<SampleInstance> StartInstanceAsync(bool consume = true, SampleBehaviour? behaviour = null)
    {
        var instance = await SampleInstance.StartAsync(Database, consume, behaviour: behaviour, kafka: KafkaConnection);
        _started.Add(instance);
        return instance;
    }

    /// <summary>One process's view of the stream, without relay or consumers.</summary>
    public async Task<StreamMember> OpenAsync()
    {
        var member = await StreamMember.OpenAsync(this);
        _started.Add(member);
        return member;
    }

    /// <summary>A record as a relay would hand it over.</summary>
    public OutboxRecord Record(string key, int number, Topic? topic = null, byte[]? payload = null)
    {
        var message = SampleInstance.Message(key, number);
        topic ??= Topics.Core;
        return new(
            Interlocked.Increment(ref _position), topic.Name, Partitioner.For(key, topic.Partitions), key, message.Id, message.Headers,
            payload ?? message.Payload.ToArray());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var started in Enumerable.Reverse(_started))
        {
            await started.DisposeAsync();
        }

        Mock?.Dispose();
    }
}

/// <summary>The stream as one process sees it.</summary>
internal sealed class StreamMember(IHost host) : IAsyncDisposable
{
    public IEventStream Stream => host.Services.GetRequiredService<IEventStream>();

    public static async Task<StreamMember> OpenAsync(StreamUnderTest under)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:platform"] = under.Database.ConnectionString + ";Maximum Pool Size=10",
            ["ConnectionStrings:kafka"] = under.KafkaConnection,
            ["Eventing:Rebalance"] = "00:00:00.100",
            ["Eventing:ConsumerPoll"] = "00:00:00.100",
        });
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.Services.AddEventing<SampleDatabase>();
        var host = builder.Build();
        await host.Services.GetRequiredService<DatabaseStartup>().RunAsync(CancellationToken.None);
        return new(host);
    }

    public async Task AppendAsync(params OutboxRecord[] records) => (await Stream.AppendAsync(records, null, CancellationToken.None))();

    public IStreamConsumer Join(string group, params Topic[] topics) =>
        Stream.Join(new ConsumerGroup(group, host.Services.GetRequiredService<SampleDatabase>(), topics.Length > 0 ? topics : [Topics.Core]));

    public async ValueTask DisposeAsync()
    {
        if (host is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync();
        }
    }
}
