using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Npgsql;
using Platform.Benchmarks.Environment;
using Platform.Embedded;
using Platform.Eventing.Database;
using Platform.Testing;

namespace Platform.Benchmarks.Jobs;

/// <summary>
/// A steady flow of jobs while somebody's transaction stays open with a snapshot, so that nothing that dies can be vacuumed: what becomes of throughput and
/// of the time until a job starts, how large the hot table grows, and how all of it recovers.
/// </summary>
internal static class Bloat
{
    private const int Rate = 500;
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Slice = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan After = TimeSpan.FromSeconds(60);

    public static async Task<int> RunAsync(double minutes)
    {
        var data = TemporaryFolder.Create();
        try
        {
            await using var postgres = await EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions { DataDirectory = data }, CancellationToken.None);
            await using var platform = new RunningPlatform(postgres.ConnectionString, data) { Service = "Processing" };
            await platform.StartAsync();
            using var stop = new CancellationTokenSource();
            var flow = FlowAsync(platform, stop.Token);
            await WatchAsync(postgres.ConnectionString, "before", Before);
            await using (var held = await HoldAsync(postgres.ConnectionString))
            {
                await WatchAsync(postgres.ConnectionString, "held", TimeSpan.FromMinutes(minutes));
            }

            await WatchAsync(postgres.ConnectionString, "after", After);
            await stop.CancelAsync();
            Console.WriteLine($"submitted {await flow}");
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }

        return 0;
    }

    /// <summary>An open transaction with a snapshot: a report that somebody forgot to end.</summary>
    private static async Task<NpgsqlConnection> HoldAsync(string database)
    {
        var connection = new NpgsqlConnection(database + ";Pooling=false;Options=-c idle_in_transaction_session_timeout=0");
        await connection.OpenAsync();
        await using var begin = new NpgsqlCommand("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM processing.work_item", connection);
        await begin.ExecuteNonQueryAsync();
        return connection;
    }

    private static async Task<long> FlowAsync(RunningPlatform platform, CancellationToken stopping)
    {
        using var client = new HttpClient { BaseAddress = new($"http://127.0.0.1:{platform.Port}") };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", platform.Key);
        var size = (int)(Rate * Beat.TotalSeconds);
        var batch = new StringBuilder("""{"jobs":[""").AppendJoin(',', Enumerable.Repeat("""{"type":"noop","payload":{"n":1}}""", size)).Append("]}").ToString();
        var started = Stopwatch.GetTimestamp();
        var beats = 0;
        for (; !stopping.IsCancellationRequested; beats++)
        {
            using var content = new StringContent(batch, Encoding.UTF8, "application/json");
            using var response = await client.PostAsync("/v1/jobs:batch", content, CancellationToken.None);
            response.EnsureSuccessStatusCode();
            var rest = (Beat * (beats + 1)) - Stopwatch.GetElapsedTime(started);
            await Task.Delay(rest > TimeSpan.Zero ? rest : TimeSpan.Zero, CancellationToken.None);
        }

        return (long)beats * size;
    }

    private static async Task WatchAsync(string database, string phase, TimeSpan time)
    {
        await using var connection = new NpgsqlConnection(DataSources.Dedicated(database));
        await connection.OpenAsync();
        var started = Stopwatch.GetTimestamp();
        for (var slice = 1; Slice * slice <= time; slice++)
        {
            await Task.Delay((Slice * slice) - Stopwatch.GetElapsedTime(started));
            await using var select = new NpgsqlCommand("""
                SELECT count(*) / 10.0, coalesce(1000 * percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM e.started_at - j.created_at)), 0)::float8,
                    coalesce(1000 * percentile_cont(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM e.started_at - j.created_at)), 0)::float8,
                    (SELECT count(*) FROM processing.work_item),
                    (SELECT n_dead_tup FROM pg_stat_user_tables WHERE relid = 'processing.work_item'::regclass),
                    pg_table_size('processing.work_item') / 1048576.0, pg_indexes_size('processing.work_item') / 1048576.0,
                    (SELECT n_dead_tup FROM pg_stat_user_tables WHERE relid = 'processing.outbox'::regclass)
                FROM processing.job_end e JOIN processing.job j ON j.tenant_id = e.tenant_id AND j.id = e.id
                WHERE e.finished_at > now() - interval '10 seconds' AND j.created_at > now() - interval '10 minutes'
                """, connection) { CommandTimeout = 120 };
            await using var reader = await select.ExecuteReaderAsync();
            await reader.ReadAsync();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{phase,-6} {slice * Slice.TotalSeconds,5:0} s: {reader.GetDecimal(0),6:0} jobs/s, pick-up p50 {reader.GetDouble(1),6:0.0} ms, p99 {reader.GetDouble(2),7:0.0} ms, "
                + $"{reader.GetInt64(3),6} waiting, {reader.GetInt64(4),8} dead tuples, table {reader.GetDecimal(5),6:0.0} MB, indexes {reader.GetDecimal(6),6:0.0} MB; outbox {reader.GetInt64(7)} dead"));
        }
    }
}
