using Npgsql;

namespace Platform.Eventing.WorkQueues;

/// <summary>
/// Does the work of one service. An item runs at least once; its effects are written exactly once, because they commit together with
/// the item's removal and only while its claim holds.
/// </summary>
/// <typeparam name="TWork">What an attempt needs to know.</typeparam>
/// <typeparam name="TResult">What an attempt found out.</typeparam>
public interface IWorkHandler<TWork, TResult>
{
    /// <summary>
    /// Reads what claimed items need, all at once. An item that is missing from the answer has no work any more and leaves the queue.
    /// </summary>
    Task<IReadOnlyDictionary<Guid, TWork>> LoadAsync(IReadOnlyList<WorkItem> items, CancellationToken cancellationToken);

    /// <summary>
    /// One attempt, outside any transaction. Failures of the work are outcomes; an exception is a bug here: the item is retried without
    /// effects. The token is cancelled when the claim is lost, which includes that the item was removed, and when the process stops.
    /// </summary>
    Task<WorkOutcome<TResult>> RunAsync(WorkItem item, TWork work, CancellationToken cancellationToken);

    /// <summary>
    /// Adds the statements that belong to these outcomes: state, outbox. They run in the transaction that removes or reschedules the
    /// items. One statement for all is faster than one for each.
    /// </summary>
    void WriteEffects(NpgsqlBatch batch, IReadOnlyList<FinishedWork<TWork, TResult>> finished);

    /// <summary>After their commit; a crash in between loses it: for wake-ups only.</summary>
    void Committed()
    {
    }
}
