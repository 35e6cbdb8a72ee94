using Npgsql;
using Platform.Testing;

namespace Platform.Faults;

/// <summary>
/// Where the events of a campaign flow: the connection strings of the processes, which alone choose the engine.
/// </summary>
/// <param name="Database">The service's own.</param>
/// <param name="Settings">Environment of each process.</param>
/// <param name="Kafka">The cluster, where the stream is on one; ends with the path.</param>
internal sealed record StreamUnderTest(TestDatabase Database, IReadOnlyDictionary<string, string?> Settings, MockKafka? Kafka = null) : IDisposable
{
    /// <summary>The stream in the service's own database: the relay moves events in one transaction.</summary>
    public const string PostgreSql = "postgresql";

    /// <summary>The stream in another database: a relay that dies between append and delete appends twice.</summary>
    public const string PostgreSqlApart = "postgresql apart";

    /// <summary>
    /// The stream on Kafka, three brokers in this process: appends are at least once, and what is in the log twice is dropped by the inbox.
    /// </summary>
    public const string OnKafka = "kafka";

    public static async Task<StreamUnderTest> CreateAsync(string engine)
    {
        var database = await TestPostgres.CreateDatabaseAsync();
        var together = In(database);
        return engine switch
        {
            PostgreSql => together,
            OnKafka => together.WithKafka(),
            PostgreSqlApart => together with
            {
                Settings = With(together.Settings, "ConnectionStrings:stream", Bounded((await TestPostgres.CreateDatabaseAsync()).ConnectionString)),
            },
            _ => throw new ArgumentOutOfRangeException(nameof(engine), engine, "not an engine"),
        };
    }

    /// <summary>All in one database.</summary>
    public static StreamUnderTest In(TestDatabase database) =>
        new(database, new Dictionary<string, string?> { ["ConnectionStrings:platform"] = Bounded(database.ConnectionString) });

    /// <summary>The same database, and a cluster for its events.</summary>
    public StreamUnderTest WithKafka()
    {
        var kafka = new MockKafka();
        return this with { Settings = With(Settings, "ConnectionStrings:kafka", kafka.ConnectionString), Kafka = kafka };
    }

    public void Dispose() => Kafka?.Dispose();

    /// <summary>With waits that are short enough for dozens of failures in a minute.</summary>
    public StreamUnderTest WithShortWaits()
    {
        var settings = Settings;
        foreach (var (name, milliseconds) in new[]
        {
            ("RelayPoll", 20), ("ElectionRetry", 25), ("ConsumerPoll", 50), ("Rebalance", 100), ("RetryDelay", 50), ("InPlaceDelay", 20),
        })
        {
            settings = With(settings, "Eventing:" + name, TimeSpan.FromMilliseconds(milliseconds).ToString());
        }

        return this with { Settings = settings };
    }

    private static Dictionary<string, string?> With(IReadOnlyDictionary<string, string?> settings, string name, string value) =>
        new(settings, StringComparer.Ordinal) { [name] = value };

    private static string Bounded(string connectionString) =>
        new NpgsqlConnectionStringBuilder(connectionString) { MaxPoolSize = 10 }.ConnectionString;
}
