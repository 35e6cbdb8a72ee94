using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using Platform.Benchmarks.Environment;
using Platform.Benchmarks.Paths;
using Platform.Embedded;
using Platform.Eventing.Database;
using Platform.Testing;

namespace Platform.Benchmarks.Jobs;

/// <summary>
/// How long a tenant's single jobs wait for their start (<c>started_at</c> less <c>created_at</c>): in empty queues, and while another tenant has
/// 500,000 bulk jobs that wait.
/// </summary>
internal static class Fairness
{
    private const int Samples = 50;
    private static readonly string[] Queues = ["critical", "default", "bulk"];

    public static async Task<int> RunAsync(int crowd = 500_000)
    {
        var table = new ResultTable();
        var data = TemporaryFolder.Create();
        try
        {
            await using var postgres = await EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions { DataDirectory = data }, CancellationToken.None);
            var port = ChildProcess.FreePort();
            await using var platform = ChildProcess.Start(Path.Combine(AppContext.BaseDirectory, "Platform.Standalone.dll"), [], RunningPlatform.Unlimited,
                ("PLATFORM_DATA", data), ("PLATFORM_PORT", port.ToString()), ("PLATFORM_GRPC_PORT", "0"), ("ConnectionStrings__platform", postgres.ConnectionString));
            await platform.AnswersAsync(port, "/health/ready");
            using var client = new HttpClient { BaseAddress = new($"http://127.0.0.1:{port}") };
            client.DefaultRequestHeaders.Authorization = new("Bearer", (await File.ReadAllTextAsync(Path.Combine(data, "api-key"))).Trim());
            await MeasureAsync(client, () => Task.FromResult(true));
            var empty = await MeasureAsync(client, () => Task.FromResult(true));

            await using var connection = new NpgsqlConnection(DataSources.Dedicated(postgres.ConnectionString));
            await connection.OpenAsync();
            await CrowdAsync(connection, crowd);
            var before = await LeftAsync(connection);
            var crowded = await MeasureAsync(client, () => AnyLeftAsync(connection));
            var after = await LeftAsync(connection);
            foreach (var queue in Queues)
            {
                table.Add($"{queue}: start after submission, empty queues, p50 / p90 / max (jobs)", Text(empty[queue]));
                table.Add($"{queue}: the same while of {before:N0} bulk jobs of another tenant some waited", Text(crowded[queue]));
            }

            table.Add("bulk jobs of the other tenant that still waited at the end", $"{after:N0}");
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }

        Console.WriteLine(table);
        return 0;
    }

    /// <summary>One job after the other, round the queues. One that was not begun and ended under the condition is not counted, and is the last.</summary>
    private static async Task<Dictionary<string, List<double>>> MeasureAsync(HttpClient client, Func<Task<bool>> holds)
    {
        var waits = Queues.ToDictionary(q => q, _ => new List<double>(), StringComparer.Ordinal);
        for (var i = 0; i < Samples * Queues.Length; i++)
        {
            var queue = Queues[i % Queues.Length];
            using var submitted = await client.PostAsJsonAsync("/v1/jobs", new { type = "noop", payload = new { }, queue });
            submitted.EnsureSuccessStatusCode();
            var wait = await WaitOfAsync(client, submitted.Headers.Location!);
            if (!await holds())
            {
                break;
            }

            Console.Error.WriteLine($"{queue}: {wait:0.0} ms");
            waits[queue].Add(wait);
        }

        return waits;
    }

    private static async Task<double> WaitOfAsync(HttpClient client, Uri job)
    {
        while (true)
        {
            var shown = await client.GetFromJsonAsync<JsonElement>(job);
            if (shown.GetProperty("started_at") is { ValueKind: JsonValueKind.String } started)
            {
                return (started.GetDateTimeOffset() - shown.GetProperty("created_at").GetDateTimeOffset()).TotalMilliseconds;
            }

            await Task.Delay(20);
        }
    }

    /// <summary>By SQL, as quickly as it goes: what waits is the point, not how it came.</summary>
    private static async Task CrowdAsync(NpgsqlConnection connection, int count)
    {
        await using var insert = new NpgsqlCommand($"""
            WITH made AS (
                INSERT INTO processing.job (tenant_id, id, queue, type, payload, priority, max_attempts, timeout_seconds, run_at, created_at)
                SELECT '11111111-1111-7111-8111-111111111111', uuidv7(), 'bulk', 'noop', '{"{}"}', 0, 25, 30, now(), now() FROM generate_series(1, {count})
                RETURNING tenant_id, id)
            INSERT INTO processing.work_item (tenant_id, id, queue, priority, state, rank, run_at)
            SELECT tenant_id, id, 'bulk', 0, 1, now(), now() FROM made
            """, connection) { CommandTimeout = 300 };
        await insert.ExecuteNonQueryAsync();
    }

    /// <summary>Cheap enough to be asked after every job.</summary>
    private static async Task<bool> AnyLeftAsync(NpgsqlConnection connection)
    {
        await using var any = new NpgsqlCommand(
            "SELECT EXISTS (SELECT FROM processing.work_item WHERE queue = 'bulk' AND tenant_id = '11111111-1111-7111-8111-111111111111' AND state = 1)", connection);
        return (bool)(await any.ExecuteScalarAsync())!;
    }

    private static async Task<long> LeftAsync(NpgsqlConnection connection)
    {
        await using var count = new NpgsqlCommand(
            "SELECT count(*) FROM processing.work_item WHERE tenant_id = '11111111-1111-7111-8111-111111111111' AND state = 1", connection) { CommandTimeout = 60 };
        return (long)(await count.ExecuteScalarAsync())!;
    }

    private static string Text(List<double> waits) => waits.Count == 0
        ? "none: the others were done before"
        : $"{waits.Order().ElementAt(waits.Count / 2):0.0} / {waits.Order().ElementAt(waits.Count * 9 / 10):0.0} / {waits.Max():0.0} ms ({waits.Count})";
}
