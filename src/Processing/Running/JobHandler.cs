using Npgsql;
using Platform.Contracts.Events;
using Platform.Eventing.Outbox;
using Platform.Eventing.WorkQueues;
using Platform.Processing.Jobs;
using Platform.Processing.Types;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Running;

/// <summary>Runs the attempts of jobs.</summary>
internal sealed partial class JobHandler(
    ProcessingDatabase database, JobTypes types, JobEndings endings, ProcessingOptions options, TimeProvider clock, ILogger<JobHandler> logger)
    : IWorkHandler<RunnableJob, JobEnd>
{
    public Task<IReadOnlyDictionary<Guid, RunnableJob>> LoadAsync(IReadOnlyList<WorkItem> items, CancellationToken cancellationToken) =>
        RunnableJob.LoadAsync(database.System, items, cancellationToken);

    public async Task<WorkOutcome<JobEnd>> RunAsync(WorkItem item, RunnableJob work, CancellationToken cancellationToken)
    {
        var startedAt = Rfc3339.Now(clock);
        var started = clock.GetTimestamp();
        if (types.Find(work.Type) is not { } type)
        {
            return Hold(item, work);
        }

        // The worker of an earlier attempt may have died with it, again and again.
        var (result, run) = item.Attempt > work.MaxAttempts
            ? (AttemptResult.Failure("The worker was lost during the last attempt.") with { IsHopeless = true }, null)
            : await AttemptAsync(type, new(database, item, work, clock), cancellationToken);
        if (result.Snooze is { } snooze)
        {
            return WorkOutcome<JobEnd>.Postpone(snooze, new(null, null, null, null, null, null));
        }

        var duration = clock.GetElapsedTime(started).TotalMilliseconds;
        var attempt = Math.Min(item.Attempt, work.MaxAttempts);
        if (result.Error is null)
        {
            return WorkOutcome<JobEnd>.Finish(End<JobSucceeded>(JobState.Succeeded, JobState.Succeeded) with { Run = run });
        }

        if (result.IsHopeless || item.Attempt >= work.MaxAttempts)
        {
            LogDead(work.PublicId, work.Type, attempt, result.Error);
            return WorkOutcome<JobEnd>.Finish(End<JobDead>(JobState.Dead, JobState.Dead));
        }

        var delay = Backoff.After(item.Attempt, type.Options.RetryDelays, options.RetryUnit);
        return WorkOutcome<JobEnd>.Retry(result.NotBefore > delay ? result.NotBefore.Value : delay, End<JobRetrying>(null, JobState.Retrying));

        JobEnd End<TEvent>(string? outcome, string state)
            where TEvent : JobChanged, IEvent =>
            new(outcome, result.Result, result.Error, startedAt, duration, Message<TEvent>(item, work, state, attempt, result, duration));
    }

    public void WriteEffects(NpgsqlBatch batch, IReadOnlyList<FinishedWork<RunnableJob, JobEnd>> finished)
    {
        JobEffects.Write(batch, finished, endings, clock);
        foreach (var effect in finished.SelectMany(f => f.Outcome.Result.Run?.Effects ?? []))
        {
            effect(batch);
        }

        var done = finished.Where(f => f.Outcome.Result.Run?.ProgressIfAny is { HasRows: true }).Select(f => f.Item).ToArray();
        if (done.Length > 0)
        {
            ProgressRows.Delete(batch, Array.ConvertAll(done, i => i.TenantId), Array.ConvertAll(done, i => i.Id));
        }
    }

    public void Committed() => endings.Committed();

    private static async Task<(AttemptResult Result, JobRun? Run)> AttemptAsync(JobType type, JobClaim claim, CancellationToken cancellationToken)
    {
        try
        {
            return await type.RunAsync(claim, cancellationToken);
        }
        catch (ClaimLostException)
        {
            // Given back, which the database refuses where another worker has the job; where it was a mistake, nothing is lost.
            return (new(null, null) { Snooze = TimeSpan.Zero }, null);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            return (AttemptResult.Failure($"{e.GetType().Name}: {e.Message}"), null);
        }
    }

    private WorkOutcome<JobEnd> Hold(WorkItem item, RunnableJob work)
    {
        LogHeld(work.PublicId, work.Type);
        return WorkOutcome<JobEnd>.Postpone(options.UnknownTypeHold, new(
            null, null, $"Held: this version does not know the job type '{work.Type}'.", null, null, null));
    }

    private OutboxMessage Message<TEvent>(WorkItem item, RunnableJob work, string state, int attempt, AttemptResult result, double duration)
        where TEvent : JobChanged, IEvent =>
        JobMessages.Of<TEvent>(item.TenantId, new Job
        {
            Id = item.Id, Queue = item.Queue, Type = work.Type, Payload = work.Payload, State = state, Attempt = attempt, MaxAttempts = work.MaxAttempts,
            Result = result.Result, Error = result.Error, DurationMs = duration, Priority = 0, RunAt = default, TimeoutSeconds = 0, CreatedAt = default,
        }, clock);

    [LoggerMessage(3001, LogLevel.Warning, "Job {Id} of type {Type} is dead after attempt {Attempt}: {Reason}")]
    private partial void LogDead(string id, string type, int attempt, string reason);

    [LoggerMessage(3002, LogLevel.Warning, "Job {Id} is held: its type {Type} is not known here")]
    private partial void LogHeld(string id, string type);
}
