using System.Globalization;
using Npgsql;
using Platform.Benchmarks.Environment;
using Platform.Benchmarks.Paths;
using Platform.Embedded;
using Platform.Testing;

namespace Platform.Benchmarks.Jobs;

/// <summary>
/// Jobs that do nothing, on Processing and on other job systems in turns within one run: the same PostgreSQL, a Redis beside it, each in its
/// fastest documented configuration. Enqueued a thousand a call, then worked off, then one at a time for the time until it starts.
/// </summary>
internal static class JobsBenchmark
{
    private const int Jobs = 50_000;
    private const int Pickups = 300;
    private static readonly string[] Peers = ["graphile-worker", "pg-boss", "bullmq"];

    /// <param name="alone">Without the others.</param>
    public static async Task<int> RunAsync(bool alone)
    {
        var table = new ResultTable();
        var data = TemporaryFolder.Create();
        try
        {
            await MeasureAsync(data, table, alone ? [] : Peers);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }

        Console.WriteLine(table);
        return 0;
    }

    private static async Task MeasureAsync(string data, ResultTable table, string[] others)
    {
        await using var postgres = await EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions { DataDirectory = data }, CancellationToken.None);
        await using var redis = await TestRedis.StartAsync();
        await using var ours = new OurJobs(postgres.ConnectionString, data);
        await ours.StartAsync();
        var peers = others.Length > 0 ? await NodePeer.InstallAsync() : null;
        foreach (var peer in others)
        {
            await CreateDatabaseAsync(postgres.ConnectionString, peer);
        }

        var results = new Dictionary<string, List<JobFigures>>(StringComparer.Ordinal);
        for (var round = -1; round < Rounds.Count; round++)
        {
            // A first pass of everything that is not counted.
            var jobs = round < 0 ? Jobs / 10 : Jobs;
            await NoteAsync("platform", round, () => ours.RunAsync(jobs, Pickups));
            foreach (var peer in others)
            {
                var connection = peer == "bullmq" ? redis.ConnectionString : NodePeer.Url(postgres.ConnectionString, peer);
                await NoteAsync(peer, round, () => peers!.RunAsync(peer, connection, jobs, Pickups));
            }
        }

        foreach (var (name, rounds) in results)
        {
            table.Add(name, string.Create(CultureInfo.InvariantCulture,
                $"{Median(rounds, r => r.Drained):N0} no-op jobs/s, {Median(rounds, r => r.Enqueued):N0} enqueued/s, pick-up p50 {Median(rounds, r => r.P50):0.0} ms, p99 {Median(rounds, r => r.P99):0.0} ms"),
                name == "platform" ? "more jobs/s than the others; p50 <= 5 ms" : "");
        }

        async Task NoteAsync(string name, int round, Func<Task<JobFigures>> run)
        {
            var figures = await run();
            Console.Error.WriteLine($"round {round}: {name} {figures}");
            if (round >= 0)
            {
                results.TryAdd(name, []);
                results[name].Add(figures);
            }
        }
    }

    private static double Median(List<JobFigures> rounds, Func<JobFigures, double> select) => Rounds.Median(rounds.Select(select));

    private static async Task CreateDatabaseAsync(string connectionString, string name)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var create = new NpgsqlCommand($"CREATE DATABASE \"{name}\"", connection);
        await create.ExecuteNonQueryAsync();
    }
}

/// <param name="Enqueued">Jobs a second.</param>
/// <param name="Drained">Jobs a second from the first that is done until none is left.</param>
/// <param name="P50">Milliseconds from the call that enqueues one job until it starts.</param>
/// <param name="P99">The same.</param>
internal sealed record JobFigures(double Enqueued, double Drained, double P50, double P99);
