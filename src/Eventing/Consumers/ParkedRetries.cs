using Microsoft.Extensions.Logging;
using Platform.Contracts.Events;
using Platform.Contracts.Identifiers;
using Platform.Eventing.DeadLetters;
using Platform.Eventing.Outbox;
using Platform.Eventing.Streams;
using Platform.Eventing.Telemetry;

namespace Platform.Eventing.Consumers;

/// <summary>
/// Tries parked events again, key by key and in their order. The first of a key is tried alone; once it is through, those behind it
/// follow in batches until the key is empty or one fails, which then waits longer after each failure and in the end is dead. Every
/// step holds the partition's offset at this owner's epoch, so a former owner can neither try, postpone nor bury.
/// </summary>
internal sealed partial class ParkedRetries(
    ConsumerGroup group, ParkingLot parking, Graveyard graveyard, ConsumerTransaction transaction, EventingOptions options, TimeProvider clock, ILogger logger)
{
    /// <summary>Most keys of one look, and most events of a key in one transaction.</summary>
    private const int MaxKeys = 100;
    private const int MaxBatch = 100;
    private long _looked;
    private long _tried;

    /// <summary>One turn: what is due, until nothing is or the turn is over, so that new events are not kept waiting.</summary>
    public async Task RunAsync(IReadOnlyDictionary<TopicPartition, OwnedPartition> owned, CancellationToken cancellationToken)
    {
        if (owned.Count == 0)
        {
            return;
        }

        if (group.Parked.Take() || clock.GetElapsedTime(_looked) >= options.ParkedPoll)
        {
            _looked = clock.GetTimestamp();
            await parking.LoadAsync(cancellationToken);
        }

        if (parking.IsEmpty || clock.GetElapsedTime(_tried) < options.InPlaceDelay)
        {
            return;
        }

        var started = clock.GetTimestamp();
        var worked = false;
        do
        {
            var due = await parking.DueAsync([.. owned.Keys], MaxKeys, cancellationToken);
            if (due.Count == 0)
            {
                // Nothing to do until a delay is over: only then it is worth another look.
                _tried = clock.GetTimestamp();
                break;
            }

            worked = true;
            foreach (var head in due)
            {
                await GoOnAsync(head, owned, cancellationToken);
                if (clock.GetElapsedTime(started) >= options.ParkedTurn)
                {
                    break;
                }
            }
        }
        while (clock.GetElapsedTime(started) < options.ParkedTurn);

        if (worked)
        {
            await parking.LoadAsync(cancellationToken);
        }
    }

    /// <summary>One key: its first event, and a batch of those behind it.</summary>
    private async Task GoOnAsync(ParkedEvent head, IReadOnlyDictionary<TopicPartition, OwnedPartition> owned, CancellationToken cancellationToken)
    {
        var held = owned[new(head.Record.Topic, head.Record.Partition)];
        held = held with { Expected = held.NextOffset };
        if (!await TryAsync(head, held, cancellationToken))
        {
            return;
        }

        var next = await parking.FirstAsync(head.Record, MaxBatch, cancellationToken);
        if (next.Count == 0)
        {
            return;
        }

        try
        {
            await HandleAsync(next, held, cancellationToken);
        }
        catch (Exception e) when (IsTheEvents(e, cancellationToken))
        {
            foreach (var parked in next)
            {
                if (!await TryAsync(parked, held, cancellationToken))
                {
                    return;
                }
            }
        }
    }

    /// <summary>True when the key can go on: the event was handled, or is dead.</summary>
    private async Task<bool> TryAsync(ParkedEvent parked, OwnedPartition held, CancellationToken cancellationToken)
    {
        try
        {
            await HandleAsync([parked], held, cancellationToken);
            return true;
        }
        catch (Exception e) when (IsTheEvents(e, cancellationToken))
        {
            if (e is PoisonEventException || parked.Attempts + 1 >= group.ParkedAttempts)
            {
                await BuryAsync(parked, held, e, cancellationToken);
                return true;
            }

            var delay = TimeSpan.FromTicks((long)Math.Min(options.ParkedDelay.Ticks * Math.Pow(2, parked.Attempts), TimeSpan.TicksPerHour));
            await transaction.RunAsync([], [held], batch => parking.Postpone(batch, parked.Record, ErrorText.Of(e), delay), cancellationToken);
            return false;
        }
    }

    private async Task HandleAsync(IReadOnlyList<ParkedEvent> parked, OwnedPartition held, CancellationToken cancellationToken)
    {
        var events = parked.Select(p => ReceivedEvent.Open(p.Record)).ToArray();
        await transaction.RunAsync(
            [.. events.Where(e => group.Wants(e.Type))],
            [held],
            batch => parking.Release(batch, [.. parked.Select(p => p.Record)]),
            cancellationToken,
            givenUp => parked.Zip(events).Where(p => p.First.LetterId is not null && !givenUp.Contains(p.Second)).Select(p => Redriven(p.First, p.Second.TenantId)),
            parked);
    }

    private OutboxMessage Redriven(ParkedEvent parked, Guid tenant)
    {
        var letter = TypeId.Format(IdPrefix.DeadLetter, parked.LetterId!.Value);
        return OutboxMessage.Create(group.Database.Schema, tenant, letter, new DeadLetterRedriven
        {
            Id = letter, Group = group.Name, Topic = parked.Record.Topic, Partition = parked.Record.Partition, Offset = parked.Record.Offset,
            EventId = TypeId.Format(IdPrefix.Event, parked.Record.Id), Deaths = parked.Deaths,
        }, clock);
    }

    private async Task BuryAsync(ParkedEvent parked, OwnedPartition held, Exception error, CancellationToken cancellationToken)
    {
        var record = parked.Record;
        LogDead(group.Name, record.Topic, record.Partition, record.Offset, record.Key, error);
        var letter = graveyard.Letter(record, parked, parked.Tried + 1, error);
        await transaction.RunAsync([], [held], batch =>
        {
            graveyard.Bury(batch, letter);
            parking.Release(batch, [record]);
        }, cancellationToken, _ => graveyard.Messages(letter));
        graveyard.Count();
    }

    private static bool IsTheEvents(Exception e, CancellationToken cancellationToken) =>
        e is not PartitionsLostException && !ConsumerLoop.IsOutage(e) && !cancellationToken.IsCancellationRequested;

    [LoggerMessage(1204, LogLevel.Error, "Group {Group} gave up {Topic}/{Partition}@{Offset} of key {Key}")]
    private partial void LogDead(string group, string topic, int partition, long offset, string key, Exception exception);
}
