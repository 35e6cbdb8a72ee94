using Npgsql;
using Platform.Eventing.Outbox;

namespace Platform.Eventing.Consumers;

/// <summary>
/// Handles events of one consumer group, a batch at a time, inside the transaction that also stores the group's offset
/// and inbox. What it writes through the batch's connection happens exactly once per event. It must do nothing that the
/// transaction cannot undo: start such work as a row (a job, a delivery) instead. A batch that throws is rolled back and
/// tried again event by event.
/// </summary>
public interface IEventHandler
{
    Task HandleAsync(ConsumerBatch batch, CancellationToken cancellationToken);
}

/// <summary>New events (duplicates already dropped) and the open transaction.</summary>
public sealed class ConsumerBatch
{
    private readonly List<OutboxMessage> _published = [];
    private readonly List<Action> _afterCommit = [];
    private readonly List<(ReceivedEvent Event, string Reason)> _givenUp = [];

    internal ConsumerBatch(IReadOnlyList<ReceivedEvent> events, NpgsqlConnection connection)
    {
        Events = events;
        Connection = connection;
    }

    /// <summary>In order per key.</summary>
    public IReadOnlyList<ReceivedEvent> Events { get; }

    /// <summary>In the open transaction, on the service's database, across tenants.</summary>
    public NpgsqlConnection Connection { get; }

    internal IReadOnlyList<OutboxMessage> Published => _published;
    internal IReadOnlyList<(ReceivedEvent Event, string Reason)> GivenUp => _givenUp;
    internal IReadOnlyList<Action> AfterCommitActions => _afterCommit;

    /// <summary>Emits an event with the effects.</summary>
    public void Publish(OutboxMessage message) => _published.Add(message);

    /// <summary>
    /// Gives one event up, and neither the others nor what the handler has written for it: it goes to the dead letters with this reason in the same
    /// transaction. For an event of which only a part can ever be done; a redrive hands all of it over again, so the part that was done must be known by then.
    /// </summary>
    /// <param name="received">One of <see cref="Events"/>, once.</param>
    /// <param name="reason">As of a <see cref="PoisonEventException"/>.</param>
    public void GiveUp(ReceivedEvent received, string reason) => _givenUp.Add((received, reason));

    /// <summary>Runs after the commit and is lost by a crash: for wake-ups and caches only.</summary>
    public void AfterCommit(Action action) => _afterCommit.Add(action);
}
