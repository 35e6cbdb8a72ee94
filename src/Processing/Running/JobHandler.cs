using System.Diagnostics;
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
    private static readonly ActivitySource Activities = new("Platform.Processing");

    public Task<IReadOnlyDictionary<Guid, RunnableJob>> LoadAsync(IReadOnlyList<WorkItem> items, CancellationToken cancellationToken) =>
        RunnableJob.LoadAsync(database.System, items, cancellationToken);

    public async Task<WorkOutcome<JobEnd>> RunAsync(WorkItem item, RunnableJob work, CancellationToken cancellationToken)
    {
        using var activity = StartActivity(item, work);
        var startedAt = Rfc3339.Now(clock);
        var started = clock.GetTimestamp();
        if (types.Find(work.Type) is not { } type)
        {
            return Hold(item, work);
        }

        // The worker of an earlier attempt may have died with it, again and again.
        var result = item.Attempt > work.MaxAttempts
            ? AttemptResult.Failure("The worker was lost during the last attempt.") with { IsHopeless = true }
            : await AttemptAsync(type, item, work, cancellationToken);
        var duration = clock.GetElapsedTime(started).TotalMilliseconds;
        var attempt = Math.Min(item.Attempt, work.MaxAttempts);
        if (result.Error is null)
        {
            return WorkOutcome<JobEnd>.Finish(End<JobSucceeded>(JobState.Succeeded, JobState.Succeeded));
        }

        activity?.SetStatus(ActivityStatusCode.Error, result.Error);
        if (result.IsHopeless || item.Attempt >= work.MaxAttempts)
        {
            LogDead(work.PublicId, work.Type, attempt, result.Error);
            return WorkOutcome<JobEnd>.Finish(End<JobDead>(JobState.Dead, JobState.Dead));
        }

        var delay = Backoff.After(item.Attempt, options.RetryUnit);
        return WorkOutcome<JobEnd>.Retry(result.NotBefore > delay ? result.NotBefore.Value : delay, End<JobRetrying>(null, JobState.Retrying));

        JobEnd End<TEvent>(string? outcome, string state)
            where TEvent : JobChanged, IEvent =>
            new(outcome, result.Result, result.Error, startedAt, duration, Message<TEvent>(item, work, state, attempt, result, duration));
    }

    public void WriteEffects(NpgsqlBatch batch, IReadOnlyList<FinishedWork<RunnableJob, JobEnd>> finished) =>
        JobEffects.Write(batch, finished, endings, clock);

    public void Committed() => endings.Committed();

    private static async Task<AttemptResult> AttemptAsync(IJobType type, WorkItem item, RunnableJob work, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(work.Timeout);
        try
        {
            return await type.RunAsync(new(work.PublicId, item.Attempt, work.Payload), timeout.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return AttemptResult.Failure($"It did not end within its timeout of {work.Timeout.TotalSeconds} s.");
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            return AttemptResult.Failure($"{e.GetType().Name}: {e.Message}");
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

    private static Activity? StartActivity(WorkItem item, RunnableJob work)
    {
        if (!Activities.HasListeners())
        {
            return null;
        }

        var parent = ActivityContext.TryParse(work.TraceParent, null, isRemote: true, out var given) ? given : default;
        var activity = Activities.StartActivity($"job {work.Type}", ActivityKind.Consumer, parent);
        activity?.SetTag("platform.job.id", work.PublicId);
        activity?.SetTag("platform.job.queue", item.Queue);
        activity?.SetTag("platform.job.attempt", item.Attempt);
        return activity;
    }

    [LoggerMessage(3001, LogLevel.Warning, "Job {Id} of type {Type} is dead after attempt {Attempt}: {Reason}")]
    private partial void LogDead(string id, string type, int attempt, string reason);

    [LoggerMessage(3002, LogLevel.Warning, "Job {Id} is held: its type {Type} is not known here")]
    private partial void LogHeld(string id, string type);
}
