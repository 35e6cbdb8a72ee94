using Npgsql;
using Platform.Testing;

namespace Platform.Faults;

/// <summary>
/// Where the events of a campaign flow: the connection strings of the processes, which alone choose the engine.
/// </summary>
/// <param name="Database">The service's own.</param>
/// <param name="Settings">Environment of each process.</param>
internal sealed record StreamUnderTest(TestDatabase Database, IReadOnlyDictionary<string, string?> Settings)
{
    /// <summary>The stream in the service's own database: the relay moves events in one transaction.</summary>
    public const string PostgreSql = "postgresql";

    /// <summary>The stream in another database: a relay that dies between append and delete appends twice.</summary>
    public const string PostgreSqlApart = "postgresql apart";

    public static async Task<StreamUnderTest> CreateAsync(string engine)
    {
        var database = await TestPostgres.CreateDatabaseAsync();
        var together = In(database);
        return engine switch
        {
            PostgreSql => together,
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
