using System.Text.RegularExpressions;
using Npgsql;

namespace Platform.Eventing.Status;

/// <summary>
/// Which sessions hold the event path up: those for whose locks a session of the platform waits, and those that keep a transaction open
/// for long, behind which nothing is vacuumed and no partition is dropped. Sessions of other roles show only to a role that may see
/// them (<c>pg_read_all_stats</c>).
/// </summary>
internal static partial class BlockingSessions
{
    private const int MaxSessions = 50;
    private const int MaxQuery = 300;

    public static async Task<IReadOnlyList<BlockingSession>> ReadAsync(NpgsqlDataSource source, TimeSpan longTransaction, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand($"""
            WITH waiting AS (
                SELECT a.pid, a.query, a.application_name, unnest(pg_blocking_pids(a.pid)) AS blocker FROM pg_stat_activity a
                WHERE a.datname = current_database() AND a.wait_event_type = 'Lock'
            )
            SELECT a.pid, coalesce(a.application_name, ''), coalesce(a.state, ''), a.xact_start, extract(epoch FROM clock_timestamp() - a.xact_start)::float8,
                coalesce(a.query, ''),
                (SELECT array_agg(w.application_name || E'\n' || w.query) FROM waiting w WHERE w.blocker = a.pid)
            FROM pg_stat_activity a
            WHERE a.pid <> pg_backend_pid() AND (
                a.pid IN (SELECT blocker FROM waiting)
                OR (a.datname = current_database() AND a.backend_type = 'client backend' AND a.xact_start < clock_timestamp() - $1))
            ORDER BY a.xact_start NULLS LAST LIMIT {MaxSessions}
            """);
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = longTransaction });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var sessions = new List<BlockingSession>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var waiting = reader.IsDBNull(6) ? [] : reader.GetFieldValue<string?[]>(6);
            sessions.Add(new(
                reader.GetInt32(0),
                reader.GetString(1),
                waiting.Length > 0 ? "blocks" : "long_transaction",
                [.. waiting.Select(w => NameOf(w ?? "")).Distinct().Order(StringComparer.Ordinal)],
                reader.GetString(2),
                reader.IsDBNull(3) ? null : reader.GetFieldValue<DateTimeOffset>(3),
                reader.IsDBNull(4) ? null : Math.Round(reader.GetDouble(4), 3),
                Normalize(reader.GetString(5))));
        }

        return sessions;
    }

    /// <summary>Who waits, told from what it says: the event path's statements name tables that nobody else's do.</summary>
    private static string NameOf(string waiting) =>
        waiting.StartsWith("platform-requests\n", StringComparison.Ordinal) ? "request"
        : waiting.Contains(".consumer_offset", StringComparison.Ordinal) || waiting.Contains(".inbox ", StringComparison.Ordinal) ? "consumer"
        : waiting.Contains("platform.partitions.", StringComparison.Ordinal) || waiting.Contains("PARTITION OF", StringComparison.Ordinal)
            || waiting.Contains("DROP TABLE", StringComparison.Ordinal) ? "maintenance"
        : waiting.Contains(".outbox", StringComparison.Ordinal) || waiting.Contains(".relay_leader", StringComparison.Ordinal)
            || waiting.Contains("stream.topic", StringComparison.Ordinal) || waiting.Contains("stream.partition", StringComparison.Ordinal) ? "relay"
        : "other";

    /// <summary>One line without values: what stands in quotes, in dollar quotes or is a number may be a tenant's.</summary>
    internal static string Normalize(string query)
    {
        var text = Spaces().Replace(Numbers().Replace(Quoted().Replace(Comments().Replace(query, " "), "?"), "?"), " ").Trim();
        return Consumers.ErrorText.Shorten(text, MaxQuery);
    }

    /// <summary>A text that was cut off by the server has no end quote.</summary>
    [GeneratedRegex(@"'(?:[^'\\]|''|\\.)*(?:'|\\?$)|(\$\w*\$).*?(?:\1|$)", RegexOptions.Singleline)]
    private static partial Regex Quoted();

    [GeneratedRegex(@"/\*.*?(?:\*/|$)|--[^\n]*", RegexOptions.Singleline)]
    private static partial Regex Comments();

    [GeneratedRegex(@"(?<![\w$])\d[\w.]*")]
    private static partial Regex Numbers();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
