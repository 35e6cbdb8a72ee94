using Npgsql;
using Platform.Contracts.Events;
using Platform.Eventing.Outbox;

namespace Platform.Eventing.Consumers;

/// <summary>A declared event in a handler's hands, with its envelope.</summary>
public sealed class Received<TEvent>
    where TEvent : IEvent
{
    internal Received(ReceivedEvent envelope)
    {
        Envelope = envelope;
        Data = envelope.Read<TEvent>();
    }

    public TEvent Data { get; }

    /// <summary>Who said it, when, and where it stands in the stream.</summary>
    public ReceivedEvent Envelope { get; }

    /// <summary>The same however often the event is delivered.</summary>
    public Guid Id => Envelope.Id;

    /// <summary>The organization it belongs to.</summary>
    public Guid TenantId => Envelope.TenantId;

    /// <summary>What it is about: <c>res_...</c>.</summary>
    public string Subject => Envelope.Subject;

    public DateTimeOffset Time => Envelope.Time;
}

/// <summary>
/// The open transaction of a batch: what is written through it is committed together with the group's offset, or not at all.
/// </summary>
public sealed class EventTransaction
{
    private readonly ConsumerBatch _batch;

    internal EventTransaction(ConsumerBatch batch) => _batch = batch;

    /// <summary>In the transaction, on the service's database, across tenants: name the tenant in every statement. Neither commit nor close it.</summary>
    public NpgsqlConnection Connection => _batch.Connection;

    /// <summary>Emits an event with the effects.</summary>
    public void Publish(OutboxMessage message) => _batch.Publish(message);

    /// <summary>Runs after the commit and is lost by a crash: for wake-ups and caches only. The handler's scope has ended by then.</summary>
    public void AfterCommit(Action action) => _batch.AfterCommit(action);
}
