using System.Diagnostics;
using Npgsql;
using Platform.Eventing.Database;

namespace Platform.Benchmarks.Environment;

/// <summary>Events that are committed and not yet handled by every consumer group.</summary>
internal static class Backlog
{
    /// <summary>The schemas of all services.</summary>
    public static readonly string[] Everywhere = ["auth", "core", "processing", "notifications", "analytics"];

    /// <summary>Waits until the outboxes of these schemas are empty and their groups have read to the head. Returns the time it took.</summary>
    public static async Task<TimeSpan> DrainAsync(string connectionString, string[] schemas)
    {
        var started = Stopwatch.GetTimestamp();
        var sql = "SELECT " + string.Join(" + ", schemas.Select(s => $"""
            (SELECT count(*) FROM {s}.outbox)
            + (SELECT coalesce(sum(p.next_offset - o.next_offset), 0)
               FROM {s}.consumer_offset o JOIN stream.partition p USING (topic, partition) WHERE o.owner <> '')
            """));
        await using var connection = new NpgsqlConnection(DataSources.Dedicated(connectionString));
        await connection.OpenAsync();
        while (Stopwatch.GetElapsedTime(started) < TimeSpan.FromMinutes(3))
        {
            await using var command = new NpgsqlCommand(sql, connection);
            if (Convert.ToInt64(await command.ExecuteScalarAsync()) == 0)
            {
                return Stopwatch.GetElapsedTime(started);
            }

            await Task.Delay(100);
        }

        throw new TimeoutException("The events were not handled in time.");
    }
}
