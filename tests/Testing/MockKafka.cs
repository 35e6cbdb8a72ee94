using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using Platform.Contracts.Events;
using Platform.Eventing.Streams.Kafka;

namespace Platform.Testing;

/// <summary>
/// librdkafka's own mock cluster: three brokers in this process that speak Kafka's protocol over TCP to any client, and fail on request. Keeps
/// 5 MB or 100,000 records a partition, in memory. Topics must be made here: it does not answer requests to make them.
/// </summary>
public sealed partial class MockKafka : IDisposable
{
    public const int Brokers = 3;
    private readonly nint _handle;
    private readonly nint _cluster;

    static MockKafka()
    {
        LibrdKafka.Load();

        // Loaded by now; by its name the loader gives the same library again.
        NativeLibrary.SetDllImportResolver(typeof(MockKafka).Assembly, static (name, _, _) =>
            name == Library && NativeLibrary.TryLoad("librdkafka.so.1", out var handle) ? handle : nint.Zero);
    }

    public MockKafka(IEnumerable<Topic>? topics = null)
    {
        var error = new byte[512];
        var configuration = NewConfiguration();
        Configure(configuration, "log_level", "0", error, (nuint)error.Length);
        _handle = New(0, configuration, error, (nuint)error.Length);
        if (_handle == nint.Zero)
        {
            throw new InvalidOperationException(Encoding.UTF8.GetString(error).TrimEnd('\0'));
        }

        _cluster = NewCluster(_handle, Brokers);
        SetRebalanceDelay(_cluster, 100);
        BootstrapServers = Marshal.PtrToStringUTF8(Bootstraps(_cluster))!;
        foreach (var topic in topics ?? Topics.All)
        {
            Check(CreateTopic(_cluster, topic.Name, topic.Partitions, Brokers));
        }
    }

    /// <summary>Addresses, as any client takes them.</summary>
    public string BootstrapServers { get; }

    /// <summary>For the platform; members that die are missed soon, and the mock waits that long after each that leaves.</summary>
    public string ConnectionString => $"bootstrap.servers={BootstrapServers};heartbeat.interval.ms=200;session.timeout.ms=2000";

    /// <param name="broker">1 to 3.</param>
    public void SetDown(int broker) => Check(BrokerDown(_cluster, broker));

    public void SetUp(int broker) => Check(BrokerUp(_cluster, broker));

    public void MoveLeader(string topic, int partition, int broker) => Check(SetLeader(_cluster, topic, partition, broker));

    public void MoveCoordinator(string group, int broker) => Check(SetCoordinator(_cluster, "group", group, broker));

    /// <summary>What a broker says its port is, to clients that ask; for a proxy in between.</summary>
    public void Advertise(int broker, int port) => SetHostPort(_cluster, broker, "127.0.0.1", port);

    /// <summary>The next requests of a kind are answered with these errors, one each.</summary>
    public void FailNext(KafkaRequest request, params int[] errors) => PushErrors(_cluster, (short)request, (nuint)errors.Length, errors);

    public void SetRoundTrip(int broker, int milliseconds) => Check(BrokerRtt(_cluster, broker, milliseconds));

    public void Dispose()
    {
        DestroyCluster(_cluster);
        Destroy(_handle);
    }

    private static void Check(int error)
    {
        if (error != 0)
        {
            throw new InvalidOperationException($"The mock cluster answered {error}.");
        }
    }

    private const string Library = "librdkafka";

    [LibraryImport(Library, EntryPoint = "rd_kafka_conf_new")]
    private static partial nint NewConfiguration();

    [LibraryImport(Library, EntryPoint = "rd_kafka_conf_set", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Configure(nint configuration, string name, string value, byte[] error, nuint size);

    [LibraryImport(Library, EntryPoint = "rd_kafka_new")]
    private static partial nint New(int type, nint configuration, byte[] error, nuint size);

    [LibraryImport(Library, EntryPoint = "rd_kafka_destroy")]
    private static partial void Destroy(nint handle);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_cluster_new")]
    private static partial nint NewCluster(nint handle, int brokers);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_cluster_destroy")]
    private static partial void DestroyCluster(nint cluster);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_cluster_bootstraps")]
    private static partial nint Bootstraps(nint cluster);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_group_initial_rebalance_delay_ms")]
    private static partial void SetRebalanceDelay(nint cluster, int milliseconds);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_topic_create", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int CreateTopic(nint cluster, string topic, int partitions, int replicas);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_broker_set_down")]
    private static partial int BrokerDown(nint cluster, int broker);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_broker_set_up")]
    private static partial int BrokerUp(nint cluster, int broker);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_broker_set_host_port", StringMarshalling = StringMarshalling.Utf8)]
    private static partial void SetHostPort(nint cluster, int broker, string host, int port);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_broker_set_rtt")]
    private static partial int BrokerRtt(nint cluster, int broker, int milliseconds);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_partition_set_leader", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetLeader(nint cluster, string topic, int partition, int broker);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_coordinator_set", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetCoordinator(nint cluster, string type, string key, int broker);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_push_request_errors_array")]
    private static partial void PushErrors(nint cluster, short request, nuint count, int[] errors);
}

/// <summary>Request types of Kafka's protocol, by their numbers.</summary>
public enum KafkaRequest
{
    Produce = 0,
    Fetch = 1,
    ListOffsets = 2,
    Metadata = 3,
    OffsetCommit = 8,
    JoinGroup = 11,
    Heartbeat = 12,
}
