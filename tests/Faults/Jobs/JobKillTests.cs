using System.Diagnostics;
using System.Globalization;
using Platform.Testing;
using Xunit.Abstractions;

namespace Platform.Faults.Jobs;

/// <summary>
/// SIGKILL of workers while jobs flow, a worker that stands still beyond its lease and comes back, and a server that crashes twice: every job ends once, its
/// effect happens once, and nothing is written under a claim that was over. <c>PLATFORM_FAULT_KILLS</c> and <c>PLATFORM_FAULT_JOBS</c> for longer campaigns.
/// </summary>
[Collection(EventPathCampaigns.Name)]
public sealed class JobKillTests(ITestOutputHelper output)
{
    private const int Workers = 3;
    private static readonly int Kills = Setting("PLATFORM_FAULT_KILLS", 20);
    private static readonly int Jobs = Setting("PLATFORM_FAULT_JOBS", 2000);

    [Fact]
    public async Task Workers_die_and_freeze_and_the_server_crashes_and_every_job_ends_once()
    {
        var started = Stopwatch.GetTimestamp();
        await using var path = await JobsPath.StartAsync();
        var workers = new Queue<HostProcess>(Enumerable.Range(0, Workers).Select(_ => path.Launch()));
        var submitting = path.SubmitAsync(Jobs);
        var frozen = 0;
        for (var kill = 1; kill <= Kills; kill++)
        {
            await path.EndedAsync((long)Jobs * kill / (Kills + 2));
            Replace(path, workers);
            var oldest = workers.Dequeue();
            workers.Enqueue(path.Launch());
            await oldest.KillAsync();
            if (kill == Kills / 3 || kill == Kills * 2 / 3)
            {
                await path.CrashServerAsync();
            }

            if (kill == Kills / 2)
            {
                frozen = await FreezeAsync(path, workers);
                path.Enough();
            }
        }

        path.Enough();
        await path.WaitAsync(async () =>
        {
            Replace(path, workers);
            await path.EndedAsync(0);
            return submitting.IsCompleted && await path.Database.ScalarAsync<bool>("SELECT NOT EXISTS (SELECT FROM processing.work_item) AND NOT EXISTS (SELECT FROM processing.outbox)");
        }, "all is done and told");
        await submitting;
        var faults = await JobBalance.CheckAsync(path.Database, path.Acknowledged);
        Assert.True(faults.Count == 0, string.Join('\n', faults));
        await ReportAsync(path, started, frozen);
    }

    /// <summary>One stands still beyond its lease with its hands full, and goes on: what it still says is refused. Returns how much that was.</summary>
    private static async Task<int> FreezeAsync(JobsPath path, Queue<HostProcess> workers)
    {
        for (var attempt = 0; attempt < 10; attempt++)
        {
            await path.WaitAsync(() => Task.FromResult(workers.Count(w => w is { IsReady: true, HasExited: false }) > 1), "two workers work");
            var zombie = workers.First(w => w is { IsReady: true, HasExited: false });
            var before = JobsPath.RefusedOf(zombie);
            await zombie.FreezeAsync();
            var since = Stopwatch.GetTimestamp();
            await path.WaitAsync(async () =>
            {
                await path.EndedAsync(0);
                return Stopwatch.GetElapsedTime(since) > JobsPath.Lease * 1.5
                    && await path.Database.ScalarAsync<bool>("SELECT NOT EXISTS (SELECT FROM processing.work_item WHERE state = 2 AND lease_until < now())");
            }, "others have what the frozen one had");
            await zombie.ContinueAsync();
            for (var patience = 0; patience < 100; patience++)
            {
                if (JobsPath.RefusedOf(zombie) - before is > 0 and var refused)
                {
                    return refused;
                }

                await path.EndedAsync(0);
                await Task.Delay(50);
            }
        }

        throw new InvalidOperationException("Ten frozen workers had nothing that was refused.");
    }

    /// <summary>A worker that starts while the server is away ends by itself.</summary>
    private static void Replace(JobsPath path, Queue<HostProcess> workers)
    {
        for (var i = workers.Count; i > 0; i--)
        {
            var worker = workers.Dequeue();
            workers.Enqueue(worker.HasExited ? path.Launch() : worker);
        }
    }

    private async Task ReportAsync(JobsPath path, long started, int frozen)
    {
        var again = await path.Database.ScalarAsync<long>("SELECT count(*) FROM processing.job_end WHERE attempt > 1");
        var dead = await path.Database.ScalarAsync<long>("SELECT count(*) FROM processing.dead_letter");
        var line = string.Create(CultureInfo.InvariantCulture,
            $"jobs under fault: {path.Acknowledged} jobs, {Kills} kills, 2 crashes of the server, {again} jobs took more than one attempt, {dead} dead as planned, "
            + $"{path.Refused} late outcomes refused ({frozen} of the frozen worker), 0 lost, 0 doubled, 0 stale, {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s");
        output.WriteLine(line);
        await Console.Out.WriteLineAsync(line);
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
