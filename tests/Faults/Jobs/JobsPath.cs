using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Platform.Embedded;
using Platform.Faults.Host.Jobs;
using Platform.Processing;
using Platform.Testing;

namespace Platform.Faults.Jobs;

/// <summary>
/// Jobs under fault: a server of their own, callers who do not give up, worker processes, and an observer that takes the submissions, relays the events and
/// does no work.
/// </summary>
internal sealed partial class JobsPath : IAsyncDisposable
{
    /// <summary>What a worker that is silent keeps.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(2);

    /// <summary>Jobs that are submitted ahead: enough for every worker to have its hands full at any moment.</summary>
    private const int Ahead = 400;
    private const int Callers = 4;

    private readonly TemporaryFolder _folder;
    private readonly EmbeddedPostgres _server;
    private readonly TestService _observer;
    private readonly List<HostProcess> _hosts = [];
    private Task _submitting = Task.CompletedTask;
    private string _refusal = "";
    private int _acknowledged;
    private long _ended;
    private volatile bool _isEnough;

    private JobsPath(TemporaryFolder folder, EmbeddedPostgres server, TestService observer)
    {
        _folder = folder;
        _server = server;
        _observer = observer;
    }

    public TestDatabase Database => _observer.Database;

    /// <summary>Jobs that were submitted and acknowledged.</summary>
    public int Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>Outcomes that were refused because their claims were over, in all processes.</summary>
    public int Refused => _hosts.Sum(RefusedOf);

    public static async Task<JobsPath> StartAsync()
    {
        var folder = new TemporaryFolder();
        var server = await EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions { DataDirectory = folder.Path, RelaxedDurability = true }, CancellationToken.None);
        var admin = server.AdminConnectionString.Replace("Database=postgres", "Database=platform", StringComparison.Ordinal) + ";Pooling=false";
        var observer = await TestService.StartAsync(
            "processing",
            services =>
            {
                services.AddProcessing();
                services.AddLedgerJobs();

                // Nobody submits to this one: what is submitted is the workers' to do.
                services.PostConfigure<Eventing.WorkQueues.WorkQueueOptions>("processing", o => o.Queues = [new("observer", 1)]);
            },
            app => app.MapProcessing(), new(server.ConnectionString, admin), [("Eventing:RetryDelay", "00:00:00.050")]);
        await observer.Database.ExecuteAsync("""
            CREATE TABLE processing.ledger (seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, job_id uuid NOT NULL, n int NOT NULL, attempt int NOT NULL);
            ALTER TABLE processing.ledger OWNER TO platform;
            """);
        return new(folder, server, observer);
    }

    /// <summary>Starts a worker and does not wait for it.</summary>
    public HostProcess Launch()
    {
        static string Milliseconds(int n) => TimeSpan.FromMilliseconds(n).ToString();
        var host = HostProcess.Start("worker", $"worker-{_hosts.Count + 1}", new Dictionary<string, string?>
        {
            ["ConnectionStrings:platform"] = new NpgsqlConnectionStringBuilder(Database.ConnectionString) { MaxPoolSize = 10 }.ConnectionString,
            ["Work:processing:Lease"] = Lease.ToString(),
            ["Work:processing:Heartbeat"] = Milliseconds(500),
            ["Work:processing:Watch"] = Milliseconds(250),
            ["Work:processing:Poll"] = Milliseconds(50),
            ["Work:processing:RetryDelay"] = Milliseconds(100),
            ["Processing:RetryUnit"] = Milliseconds(10),
        });
        _hosts.Add(host);
        return host;
    }

    /// <summary>A crash: the server is ended at once, and starts again.</summary>
    public Task CrashServerAsync() => _server.RestartAsync(immediate: true, CancellationToken.None);

    /// <summary>
    /// Submits so many jobs, and more until it is enough, each until it is acknowledged: a caller that got no answer asks again with the same key.
    /// </summary>
    public Task SubmitAsync(int jobs)
    {
        var next = -1;
        return _submitting = Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(async () =>
        {
            using var client = _observer.Client(Tenant);
            for (var n = Interlocked.Increment(ref next); n < jobs || !_isEnough; n = Interlocked.Increment(ref next))
            {
                await WaitAsync(() => Task.FromResult(Volatile.Read(ref _acknowledged) - Volatile.Read(ref _ended) < Ahead), "jobs end");
                await WaitAsync(() => TrySubmitAsync(client, n), $"job {n} is acknowledged");
                Interlocked.Increment(ref _acknowledged);
            }
        })));
    }

    /// <summary>No more jobs than were asked for.</summary>
    public void Enough() => _isEnough = true;

    /// <summary>Until so many jobs have ended.</summary>
    public Task EndedAsync(long jobs) => WaitAsync(async () =>
    {
        Volatile.Write(ref _ended, await Database.ScalarAsync<long>("SELECT count(*) FROM processing.job_end"));
        return _ended >= jobs;
    }, $"{jobs} jobs have ended");

    /// <summary>Until the condition holds; says what the workers said when it does not.</summary>
    public async Task WaitAsync(Func<Task<bool>> condition, string what)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await HoldsAsync(condition))
        {
            if (_submitting.IsFaulted)
            {
                await _submitting;
            }

            if (Stopwatch.GetElapsedTime(started) > TimeSpan.FromSeconds(90))
            {
                Assert.Fail($"not in time: {what}; {_acknowledged} acknowledged, {_ended} ended, last refusal: {_refusal}\n{string.Join('\n', _hosts.TakeLast(5).Select(h => h.Output))}");
            }

            await Task.Delay(10);
        }
    }

    public static int RefusedOf(HostProcess host) =>
        host.Lines.Select(l => TooLate().Match(l)).Where(m => m.Success).Sum(m => int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture));

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts)
        {
            await host.DisposeAsync();
        }

        await _observer.DisposeAsync();
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    private static readonly Guid Tenant = Guid.Parse("01900000-0000-7000-8000-000000000001");

    private async Task<bool> TrySubmitAsync(HttpClient client, int n)
    {
        var (dies, fails) = (n % 50 == 7, n % 20 == 3 ? 2 : 0);
        using var response = await client.SendJsonAsync(HttpMethod.Post, "/v1/jobs",
            $$$"""{"type":"{{{WriteLedger.Type}}}","payload":{"n":{{{n}}},"milliseconds":{{{n % 7 * 10}}},"fails":{{{fails}}},"dies":{{{(dies ? "true" : "false")}}}}}""",
            ("Idempotency-Key", $"job-{n}"));
        if (!response.IsSuccessStatusCode)
        {
            // While the server is away, or a twin of the request is still at work; anything else is a fault of ours.
            _refusal = await response.Content.ReadAsStringAsync();
            Assert.True((int)response.StatusCode is 409 or >= 500, _refusal);
        }

        return response.IsSuccessStatusCode;
    }

    /// <summary>A server that is being restarted says no.</summary>
    private static async Task<bool> HoldsAsync(Func<Task<bool>> condition)
    {
        try
        {
            return await condition();
        }
        catch (Exception e) when (e is NpgsqlException or HttpRequestException or TimeoutException)
        {
            return false;
        }
    }

    [GeneratedRegex("([0-9]+) outcomes of processing came too late", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex TooLate();
}
