using Platform.Contracts.Events;

namespace Platform.Eventing.Consumers;

/// <summary>
/// Handles one event at a time. The rules are those of <see cref="IEventHandler"/>: effects through the transaction only. An instance serves
/// one batch, whose events come to it one after the other, in order per key; it may take scoped dependencies.
/// </summary>
public interface IEventHandler<TEvent>
    where TEvent : IEvent
{
    Task HandleAsync(Received<TEvent> received, EventTransaction transaction, CancellationToken cancellationToken);
}

/// <summary>
/// As <see cref="IEventHandler{TEvent}"/>, for a handler that does many events with few statements. An exception rolls the whole batch back;
/// its events then come again in batches of one.
/// </summary>
public interface IEventBatchHandler<TEvent>
    where TEvent : IEvent
{
    /// <param name="events">At least one, in order per key.</param>
    Task HandleAsync(IReadOnlyList<Received<TEvent>> events, EventTransaction transaction, CancellationToken cancellationToken);
}
