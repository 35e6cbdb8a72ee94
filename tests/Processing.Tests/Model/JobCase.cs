using Platform.Contracts.Identifiers;
using Platform.Eventing.WorkQueues;
using Platform.Processing.Jobs;

namespace Platform.Processing.Tests.Model;

/// <summary>One list of steps, on the model and on the product side by side; the first difference ends it.</summary>
internal sealed class JobCase(RealJobs real)
{
    private const int MostJobs = 4;
    private readonly List<(Guid Id, ModelJob Job)> _jobs = [];
    private readonly List<Taken>[] _hands = [.. Enumerable.Range(0, Step.Workers).Select(_ => new List<Taken>())];
    private readonly HashSet<long> _tokens = [];
    private bool _isPaused;

    public static async Task RunAsync(RealJobs real, IReadOnlyList<Step> steps)
    {
        await real.BeginAsync();
        var run = new JobCase(real);
        foreach (var step in steps)
        {
            await run.DoAsync(step);
            await run.CompareAsync();
        }

        await run.CountAsync();
    }

    private Task DoAsync(Step step) => step.Kind switch
    {
        StepKind.Submit => SubmitAsync(step.Pick),
        StepKind.Claim => ClaimAsync(step.Worker, 1 + (step.Pick % 3)),
        StepKind.Heartbeat => HeartbeatAsync(step.Worker),
        StepKind.LeaseEnds => WithJobAsync(step.Pick, LeaseEndsAsync),
        StepKind.TimeComes => WithJobAsync(step.Pick, TimeComesAsync),
        StepKind.Cancel => WithJobAsync(step.Pick, CancelAsync),
        StepKind.Retry => WithJobAsync(step.Pick, RetryAsync),
        StepKind.Redrive => RedriveAsync(),
        StepKind.Pause => PauseAsync(true),
        StepKind.Resume => PauseAsync(false),
        StepKind.CancelWhileItEnds => WithTakenAsync(step, CancelWhileItEndsAsync),
        StepKind.TwoEndIt => WithTakenAsync(step, TwoEndItAsync),
        _ => WithTakenAsync(step, taken => EndAsync(taken, step.Kind)),
    };

    private async Task SubmitAsync(int pick)
    {
        if (_jobs.Count < MostJobs)
        {
            var maxAttempts = 1 + (pick % 3);
            _jobs.Add((await real.SubmitAsync(maxAttempts), new(maxAttempts)));
        }
    }

    private async Task ClaimAsync(int worker, int count)
    {
        var taken = await real.ClaimAsync(count);
        _jobs.ForEach(j => j.Job.Sweep());
        var available = _jobs.Count(j => j.Job.Phase == JobState.Available);
        Assert.Equal(_isPaused ? 0 : Math.Min(count, available), taken.Count);
        Assert.Equal(taken.Count, taken.Select(t => t.Item.Id).Distinct().Count());
        foreach (var item in taken.Select(t => t.Item))
        {
            var job = Find(item.Id);
            Assert.Equal(JobState.Available, job.Phase);
            job.Claim(item.Token);
            Assert.Equal(job.Attempt, item.Attempt);
        }

        // The items of one claim share its token; no other claim has ever had it.
        Assert.True(taken.Count == 0 || _tokens.Add(Assert.Single(taken.Select(t => t.Item.Token).Distinct())), "a token came back");
        _hands[worker].AddRange(taken);
    }

    private async Task HeartbeatAsync(int worker)
    {
        // A process holds an item once: of two claims it keeps the later.
        var held = _hands[worker].GroupBy(t => t.Item.Id).Select(g => g.Last()).ToArray();
        var valid = held.Where(t => Find(t.Item.Id).Holds(t.Item.Token)).Select(t => t.Item.Id).ToHashSet();
        Assert.Equal(valid, await real.CheckAsync(held));
        Assert.Equal(valid, await real.RenewAsync(held));
        foreach (var id in valid)
        {
            Find(id).Renew();
        }
    }

    private async Task EndAsync(Taken taken, StepKind how)
    {
        var job = Find(taken.Item.Id);
        var isHolder = job.Holds(taken.Item.Token);
        Assert.Equal(isHolder, await real.EndAsync(taken, how));
        if (isHolder)
        {
            Apply(job, how);
        }
    }

    /// <summary>Whoever is first, both are told the truth about what became of it.</summary>
    private async Task CancelWhileItEndsAsync(Taken taken)
    {
        var job = Find(taken.Item.Id);
        var wasHolder = job.Holds(taken.Item.Token);
        var how = taken.Item.Attempt % 2 == 0 ? StepKind.Succeed : StepKind.Fail;
        var ending = real.EndAsync(taken, how);
        var cancelling = real.PostAsync($"/v1/jobs/{PublicId(taken.Item.Id)}:cancel");
        var (isKept, status) = (await ending, await cancelling);
        Assert.True(wasHolder || !isKept, "the end of an old claim was kept");
        if (isKept)
        {
            Apply(job, how);
        }

        Assert.Equal(job.IsAlive || job.Phase == JobState.Cancelled ? 200 : 409, status);
        if (job.IsAlive)
        {
            job.Cancel();
        }
    }

    /// <summary>All who ever had it say at the same instant how it ended: one of them at most is heard, the holder.</summary>
    private async Task TwoEndItAsync(Taken taken)
    {
        var job = Find(taken.Item.Id);
        var all = _hands.SelectMany(h => h).Where(t => t.Item.Id == taken.Item.Id).ToArray();
        var kept = await Task.WhenAll(all.Select(t => real.EndAsync(t, StepKind.Succeed)));
        Assert.Equal(all.Select(t => job.Holds(t.Item.Token)), kept);
        if (kept.Contains(true))
        {
            Apply(job, StepKind.Succeed);
        }
    }

    private async Task CancelAsync(Guid id, ModelJob job)
    {
        Assert.Equal(job.IsAlive || job.Phase == JobState.Cancelled ? 200 : 409, await real.PostAsync($"/v1/jobs/{PublicId(id)}:cancel"));
        if (job.IsAlive)
        {
            job.Cancel();
        }
    }

    private async Task RetryAsync(Guid id, ModelJob job) => Assert.Equal(job.Retry() ? 200 : 409, await real.PostAsync($"/v1/jobs/{PublicId(id)}:retry"));

    private async Task RedriveAsync()
    {
        Assert.Equal(200, await real.PostAsync("/v1/dead-letters:redrive", """{"filter":{"source":"jobs"}}"""));
        foreach (var (_, job) in _jobs.Where(j => j.Job.Phase == JobState.Dead))
        {
            job.Retry();
        }
    }

    private async Task PauseAsync(bool isPaused)
    {
        Assert.Equal(200, await real.PostAsync("/v1/queues/default:" + (isPaused ? "pause" : "resume")));
        _isPaused = isPaused;
    }

    private async Task LeaseEndsAsync(Guid id, ModelJob job)
    {
        await real.MoveLeaseAsync(id);
        job.LeaseEnds();
    }

    private async Task TimeComesAsync(Guid id, ModelJob job)
    {
        await real.MoveRunAtAsync(id);
        job.TimeComes();
    }

    private async Task CompareAsync()
    {
        var shown = await real.ShownAsync();
        Assert.Equal(_jobs.Select(j => (j.Id, j.Job.State, j.Job.ShownAttempt)).OrderBy(j => j.Id),
            shown.Select(s => (s.Key, s.Value.State, s.Value.Attempt)).OrderBy(s => s.Key));
        Assert.Equal(_jobs.Count(j => j.Job.IsAlive), await real.CountAsync("work_item"));
        Assert.Equal(_jobs.Count(j => j.Job.Phase == JobState.Dead), await real.CountAsync("dead_letter"));
    }

    /// <summary>Each end was told once, and nothing else was.</summary>
    private async Task CountAsync()
    {
        var events = await real.EventsAsync();
        foreach (var (id, job) in _jobs)
        {
            int Of(string type) => events.GetValueOrDefault((PublicId(id), type));
            Assert.Equal(
                (1, job.Ends[JobState.Succeeded], job.Ends[JobState.Dead], job.Ends[JobState.Cancelled], job.Retries),
                (Of("job.created"), Of("job.succeeded"), Of("job.dead"), Of("job.cancelled"), Of("job.retrying")));
        }
    }

    private static void Apply(ModelJob job, StepKind how)
    {
        Action end = how switch
        {
            StepKind.Succeed => job.Succeed,
            StepKind.Fail => job.Fail,
            StepKind.GiveUp => job.GiveUp,
            StepKind.Snooze => job.Snooze,
            _ => job.GiveBack,
        };
        end();
    }

    private Task WithJobAsync(int pick, Func<Guid, ModelJob, Task> act) =>
        _jobs.Count == 0 ? Task.CompletedTask : act(_jobs[pick % _jobs.Count].Id, _jobs[pick % _jobs.Count].Job);

    private Task WithTakenAsync(Step step, Func<Taken, Task> act)
    {
        var hand = _hands[step.Worker];
        return hand.Count == 0 ? Task.CompletedTask : act(hand[step.Pick % hand.Count]);
    }

    private ModelJob Find(Guid id) => _jobs.Single(j => j.Id == id).Job;

    private static string PublicId(Guid id) => TypeId.Format(IdPrefix.Job, id);
}
