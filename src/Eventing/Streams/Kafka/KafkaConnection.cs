using Confluent.Kafka;

namespace Platform.Eventing.Streams.Kafka;

/// <summary>
/// What <c>ConnectionStrings:kafka</c> says: a list of brokers (<c>host:9092,host:9092</c>), or librdkafka properties separated by
/// semicolons (<c>bootstrap.servers=host:9093;security.protocol=SASL_SSL;sasl.mechanism=SCRAM-SHA-256;sasl.username=...;sasl.password=...</c>).
/// The properties that the guarantees rest on are not open. <c>topic.prefix=staging.</c> goes before the names of topics and groups, so that
/// installations can share a cluster.
/// </summary>
internal sealed class KafkaConnection
{
    private const string PrefixProperty = "topic.prefix";

    private static readonly HashSet<string> Reserved = new(StringComparer.Ordinal)
    {
        "acks", "request.required.acks", "enable.idempotence", "enable.gapless.guarantee", "max.in.flight", "max.in.flight.requests.per.connection",
        "partitioner", "transactional.id", "group.id", "group.protocol", "group.instance.id", "partition.assignment.strategy",
        "enable.auto.commit", "enable.auto.offset.store", "enable.partition.eof", "auto.offset.reset", "isolation.level",
        "message.timeout.ms", "delivery.timeout.ms", "message.max.bytes", "statistics.interval.ms",
    };

    private readonly Dictionary<string, string> _properties;

    private KafkaConnection(Dictionary<string, string> properties)
    {
        properties.Remove(PrefixProperty, out var prefix);
        Prefix = prefix ?? "";
        _properties = properties;
    }

    public string BootstrapServers => _properties["bootstrap.servers"];

    /// <summary>Goes before the names of topics and groups on the cluster; empty by default.</summary>
    public string Prefix { get; }

    /// <summary>A partition by its name on the cluster.</summary>
    public Confluent.Kafka.TopicPartition OnCluster(TopicPartition partition) => new(Prefix + partition.Topic, partition.Partition);

    /// <summary>A partition by its own name.</summary>
    public TopicPartition Own(Confluent.Kafka.TopicPartition partition) => new(partition.Topic[Prefix.Length..], partition.Partition.Value);

    /// <exception cref="KafkaConnectionStringException">It is empty, malformed, or sets a property that the platform owns.</exception>
    public static KafkaConnection Parse(string connectionString)
    {
        var properties = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!connectionString.Contains('=', StringComparison.Ordinal))
        {
            properties["bootstrap.servers"] = connectionString.Trim();
        }
        else
        {
            foreach (var part in connectionString.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                var equals = part.IndexOf('=', StringComparison.Ordinal);
                var name = equals < 0 ? part : part[..equals].Trim();
                if (equals <= 0)
                {
                    throw new KafkaConnectionStringException($"'{name}' has no value");
                }

                if (Reserved.Contains(name))
                {
                    throw new KafkaConnectionStringException($"'{name}' is set by the platform itself");
                }

                properties[name] = part[(equals + 1)..].Trim();
            }
        }

        return properties.TryGetValue("bootstrap.servers", out var servers) && servers.Length > 0
            ? new(properties)
            : throw new KafkaConnectionStringException("no bootstrap.servers are named");
    }

    /// <summary>A configuration that starts from the connection's properties; what the caller sets later wins.</summary>
    public TConfig Configure<TConfig>(Func<ClientConfig, TConfig> create, string clientId)
        where TConfig : ClientConfig
    {
        var given = new ClientConfig(new Dictionary<string, string>(_properties, StringComparer.Ordinal));
        var config = create(given);
        config.ClientId ??= clientId;

        // A broker that comes back is found within a second, not ten.
        config.ReconnectBackoffMaxMs ??= 1000;
        config.SocketKeepaliveEnable ??= true;
        return config;
    }
}

/// <summary>The Kafka connection string cannot be used; the message is fit for one line on stderr and holds no secret.</summary>
public sealed class KafkaConnectionStringException(string reason) : StreamConfigurationException($"ConnectionStrings__kafka: {reason}.");
