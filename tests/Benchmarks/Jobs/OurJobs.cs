using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Npgsql;
using Platform.Benchmarks.Environment;
using Platform.Benchmarks.Paths;
using Platform.Eventing.Database;

namespace Platform.Benchmarks.Jobs;

/// <summary>Processing as a process of its own, by its HTTP API: jobs with all that they leave behind, their events included.</summary>
internal sealed class OurJobs(string database, string data) : IAsyncDisposable
{
    private const int Chunk = 1000;
    private const string Queue = "default";
    private static readonly TimeSpan PickupInterval = TimeSpan.FromMilliseconds(10);
    private readonly RunningPlatform _platform = new(database, data) { Service = "Processing" };
    private readonly HttpClient _client = new();

    public async Task StartAsync()
    {
        await _platform.StartAsync();
        _client.BaseAddress = new($"http://127.0.0.1:{_platform.Port}");
        _client.DefaultRequestHeaders.Authorization = new("Bearer", _platform.Key);
    }

    public async Task<JobFigures> RunAsync(int jobs, int pickups)
    {
        await PostAsync($"/v1/queues/{Queue}:pause");
        var enqueueing = Stopwatch.GetTimestamp();
        for (var done = 0; done < jobs; done += Chunk)
        {
            await PostAsync("/v1/jobs:batch", Batch(Math.Min(Chunk, jobs - done)));
        }

        var enqueued = jobs / Stopwatch.GetElapsedTime(enqueueing).TotalSeconds;
        var before = await SettledAsync();
        var draining = Stopwatch.GetTimestamp();
        await PostAsync($"/v1/queues/{Queue}:resume");
        while (await SettledAsync() < before + jobs)
        {
            await Task.Delay(50);
        }

        var drained = jobs / Stopwatch.GetElapsedTime(draining).TotalSeconds;
        await EnsureNoneIsLeftAsync();
        await Backlog.DrainAsync(database, ["processing"]);
        var latencies = await PickUpAsync(pickups);
        return new(enqueued, drained, latencies[latencies.Length / 2], latencies[latencies.Length * 99 / 100]);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _platform.DisposeAsync();
    }

    /// <summary>Jobs that have ended, as the process counts them: to ask the table for it would read all that is gone from it.</summary>
    private async Task<double> SettledAsync()
    {
        var metrics = await _client.GetStringAsync("/metrics");
        return metrics.Split('\n').Where(l => l.StartsWith("platform_work_settled", StringComparison.Ordinal) && l.Contains("Finish", StringComparison.Ordinal))
            .Sum(l => double.Parse(l[(l.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
    }

    private async Task EnsureNoneIsLeftAsync()
    {
        await using var connection = new NpgsqlConnection(DataSources.Dedicated(database));
        await connection.OpenAsync();
        await using var left = new NpgsqlCommand("SELECT count(*) FROM processing.work_item", connection);
        if (await left.ExecuteScalarAsync() is not 0L)
        {
            throw new InvalidOperationException("Jobs were counted that are not done.");
        }
    }

    /// <summary>Milliseconds from each job's submission to its start, sorted.</summary>
    private async Task<double[]> PickUpAsync(int pickups)
    {
        var paths = new List<string>();
        for (var i = 0; i < pickups; i++)
        {
            var started = Stopwatch.GetTimestamp();
            using var created = await PostAsync("/v1/jobs", """{"type":"noop","payload":{}}""");
            paths.Add(created.Headers.Location!.ToString());
            await Task.Delay(TimeSpan.FromTicks(Math.Max(0, (PickupInterval - Stopwatch.GetElapsedTime(started)).Ticks)));
        }

        var latencies = new List<double>();
        foreach (var path in paths)
        {
            latencies.Add(await StartedAsync(path));
        }

        return [.. latencies.Order()];
    }

    private async Task<double> StartedAsync(string path)
    {
        while (true)
        {
            using var job = JsonDocument.Parse(await _client.GetByteArrayAsync(path));
            if (job.RootElement.GetProperty("state").GetString() == "succeeded")
            {
                return (Time(job, "started_at") - Time(job, "created_at")).TotalMilliseconds;
            }

            await Task.Delay(20);
        }
    }

    private static DateTimeOffset Time(JsonDocument job, string name) =>
        DateTimeOffset.Parse(job.RootElement.GetProperty(name).GetString()!, CultureInfo.InvariantCulture);

    private static string Batch(int jobs) =>
        new StringBuilder("""{"jobs":[""").AppendJoin(',', Enumerable.Repeat("""{"type":"noop","payload":{"n":1}}""", jobs)).Append("]}").ToString();

    private async Task<HttpResponseMessage> PostAsync(string path, string? body = null)
    {
        using var content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        var response = await _client.PostAsync(path, content);
        return response.IsSuccessStatusCode ? response : throw new InvalidOperationException($"{path}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
    }
}
