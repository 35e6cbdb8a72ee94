namespace Platform.Eventing.WorkQueues;

/// <summary>An item in a worker's hands.</summary>
/// <param name="Id">The same as that of the service's own row about it.</param>
/// <param name="Lane">What it goes to or comes from within its tenant, such as an endpoint; empty for none.</param>
/// <param name="Attempt">1 for the first. Counted when the item is taken, so a worker that died counts as well.</param>
/// <param name="Token">Of this claim. Whatever is written under another claim's token is refused.</param>
public sealed record WorkItem(Guid Id, Guid TenantId, string Queue, string Lane, int Attempt, long Token);

/// <summary>An item to be put into a queue.</summary>
public sealed record NewWork(Guid Id, Guid TenantId, string Queue)
{
    public const int MinPriority = 0;
    public const int MaxPriority = 9;

    /// <summary>
    /// What it goes to or comes from, such as an endpoint, where that is less than its tenant. Lanes (a tenant, or a part of one that is
    /// named here) take turns: the backlog of one delays no other's.
    /// </summary>
    public string? Lane { get; init; }

    /// <summary>0 to 9; each step overtakes items that are up to ten minutes older.</summary>
    public int Priority { get; init; }

    /// <summary>Not before; null for now, by the database's clock.</summary>
    public DateTimeOffset? RunAt { get; init; }
}

/// <summary>What becomes of an item after an attempt.</summary>
public enum WorkVerdict
{
    /// <summary>It leaves the queue: succeeded, or given up.</summary>
    Finish,

    /// <summary>Another attempt after a delay.</summary>
    Retry,

    /// <summary>Later, and this attempt does not count: nothing was tried.</summary>
    Postpone,
}

/// <summary>The end of an attempt.</summary>
/// <param name="Delay">Until the next attempt; zero for <see cref="WorkVerdict.Finish"/>.</param>
/// <param name="Result">For <see cref="IWorkHandler{TWork,TResult}.WriteEffects"/>.</param>
public sealed record WorkOutcome<TResult>(WorkVerdict Verdict, TimeSpan Delay, TResult Result)
{
    public static WorkOutcome<TResult> Finish(TResult result) => new(WorkVerdict.Finish, TimeSpan.Zero, result);

    public static WorkOutcome<TResult> Retry(TimeSpan delay, TResult result) => new(WorkVerdict.Retry, delay, result);

    public static WorkOutcome<TResult> Postpone(TimeSpan delay, TResult result) => new(WorkVerdict.Postpone, delay, result);
}

/// <summary>An attempt whose claim still held when its outcome was written.</summary>
public sealed record FinishedWork<TWork, TResult>(WorkItem Item, TWork Work, WorkOutcome<TResult> Outcome);
