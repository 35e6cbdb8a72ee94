using System.Diagnostics;
using Npgsql;
using Platform.Eventing.Database;
using Platform.Eventing.DeadLetters;
using Platform.Eventing.Outbox;
using Platform.Eventing.Telemetry;

namespace Platform.Eventing.Consumers;

/// <summary>One transaction: offsets, inbox, effects and the handler's own events, all or nothing.</summary>
internal sealed class ConsumerTransaction(ConsumerGroup group, IEventHandler handler, OffsetStore offsets, Graveyard graveyard, TimeProvider clock)
{
    private readonly KeyValuePair<string, object?> _tag = new("group", group.Name);

    /// <param name="events">To hand over, in order.</param>
    /// <param name="advance">Offsets to store with the effects; empty for parked events, whose offsets are stored already.</param>
    /// <param name="also">More statements of the same transaction, after the effects.</param>
    /// <param name="messages">Events of the loop itself, published with the handler's; given those that the handler gave up.</param>
    /// <param name="parked">What is known of the events where they were parked; null for new ones.</param>
    /// <exception cref="PartitionsLostException">Another instance owns a partition by now.</exception>
    public async Task RunAsync(
        IReadOnlyList<ReceivedEvent> events, IReadOnlyList<OwnedPartition> advance, Action<NpgsqlBatch>? also, CancellationToken cancellationToken,
        Func<IReadOnlyList<ReceivedEvent>, IEnumerable<OutboxMessage>>? messages = null, IReadOnlyList<ParkedEvent>? parked = null)
    {
        await using var connection = await group.Database.System.OpenConnectionAsync(cancellationToken);
        var fresh = await BeginAsync(connection, events, advance, cancellationToken);
        var batch = new ConsumerBatch(fresh, connection);
        if (fresh.Count > 0)
        {
            using var activity = StartActivity(fresh);
            await handler.HandleAsync(batch, cancellationToken);
        }

        foreach (var message in messages?.Invoke([.. batch.GivenUp.Select(g => g.Event)]) ?? [])
        {
            batch.Publish(message);
        }

        await using (var finish = new NpgsqlBatch(connection))
        {
            GiveUp(batch, finish, parked);
            if (batch.Published.Count > 0 && !group.Database.HoldsStream)
            {
                // Another server would publish them before this one is sure of them.
                finish.BatchCommands.Add(new NpgsqlBatchCommand("SET LOCAL synchronous_commit = on"));
            }

            OutboxWriter.AppendMany(finish, group.Database.Schema, batch.Published);
            also?.Invoke(finish);
            finish.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));
            await finish.ExecuteNonQueryAsync(cancellationToken);
        }

        foreach (var _ in batch.GivenUp)
        {
            graveyard.Count();
        }

        if (batch.Published.Count > 0)
        {
            group.Database.OutboxWritten.Set();
        }

        foreach (var action in batch.AfterCommitActions)
        {
            action();
        }

        Record(events, fresh);
    }

    private async Task<IReadOnlyList<ReceivedEvent>> BeginAsync(
        NpgsqlConnection connection, IReadOnlyList<ReceivedEvent> events, IReadOnlyList<OwnedPartition> advance, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand("BEGIN"));

        // Nobody was promised anything yet: a server that crashes before this commit is on disk loses effects and offset
        // together, and the batch is read again.
        if (!group.WaitForDisk)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand("SET LOCAL synchronous_commit = off"));
        }

        if (advance.Count > 0)
        {
            batch.BatchCommands.Add(offsets.AdvanceCommand(advance));
        }

        var inbox = group.UseInbox && events.Count > 0;
        if (inbox)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand($"""
                INSERT INTO {group.Database.Schema}.inbox (event_id, consumer_group)
                SELECT unnest($1::uuid[]), $2 ON CONFLICT DO NOTHING RETURNING event_id
                """)
            {
                Parameters =
                {
                    new NpgsqlParameter<Guid[]> { TypedValue = [.. events.Select(e => e.Id)] },
                    new NpgsqlParameter<string> { TypedValue = group.Name },
                },
            });
        }

        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        if (advance.Count > 0)
        {
            var moved = 0;
            while (await reader.ReadAsync(cancellationToken))
            {
                moved++;
            }

            if (moved != advance.Count)
            {
                throw new PartitionsLostException(group.Name);
            }

            await reader.NextResultAsync(cancellationToken);
        }

        if (!inbox)
        {
            return events;
        }

        var fresh = new HashSet<Guid>();
        while (await reader.ReadAsync(cancellationToken))
        {
            fresh.Add(reader.GetGuid(0));
        }

        // Each id once, even where the stream holds an event twice within this batch.
        return fresh.Count == events.Count ? events : [.. events.Where(e => fresh.Remove(e.Id))];
    }

    private void GiveUp(ConsumerBatch batch, NpgsqlBatch finish, IReadOnlyList<ParkedEvent>? parked)
    {
        foreach (var (received, reason) in batch.GivenUp)
        {
            var before = parked?.FirstOrDefault(p => ReferenceEquals(p.Record, received.Record));
            var letter = graveyard.Letter(received.Record, before, (before?.Tried ?? 0) + 1, new PoisonEventException(reason));
            graveyard.Bury(finish, letter);
            if (group.UseInbox)
            {
                // A redrive brings it again, and then it is not new otherwise.
                finish.BatchCommands.Add(new NpgsqlBatchCommand($"DELETE FROM {group.Database.Schema}.inbox WHERE event_id = $1 AND consumer_group = $2")
                {
                    Parameters = { new NpgsqlParameter<Guid> { TypedValue = received.Id }, new NpgsqlParameter<string> { TypedValue = group.Name } },
                });
            }

            foreach (var message in graveyard.Messages(letter))
            {
                batch.Publish(message);
            }
        }
    }

    private Activity? StartActivity(IReadOnlyList<ReceivedEvent> events)
    {
        var activity = EventTraces.Start($"process {group.Name}", ActivityKind.Consumer, events.Count, i => events[i].TraceParent);
        activity?.SetTag("messaging.operation.name", "process");
        activity?.SetTag("messaging.consumer.group.name", group.Name);
        return activity;
    }

    private void Record(IReadOnlyList<ReceivedEvent> events, IReadOnlyList<ReceivedEvent> fresh)
    {
        EventingTelemetry.Consumed.Add(fresh.Count, _tag);
        if (fresh.Count < events.Count)
        {
            EventingTelemetry.Duplicates.Add(events.Count - fresh.Count, _tag);
        }

        if (fresh.Count > 0)
        {
            EventingTelemetry.Age.Record(Math.Max(0, (clock.GetUtcNow() - fresh[0].Time).TotalSeconds), _tag);
        }
    }
}
