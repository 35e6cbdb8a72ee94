using System.Threading.Channels;
using Npgsql;
using Platform.Eventing.Telemetry;

namespace Platform.Eventing.WorkQueues;

internal sealed partial class WorkEngine<TWork, TResult>
{
    private readonly Channel<Ended> _finished = Channel.CreateUnbounded<Ended>(new());

    /// <summary>Transactions at a time: while one waits for the disk, another is made ready.</summary>
    private const int Settlers = 2;

    // Renewing and settling lock the same rows, each in an order of its own; settlements have none in common.
    private readonly SemaphoreSlim _rows = new(Settlers, Settlers);

    /// <summary>Hands an item over to be settled; only the first time counts.</summary>
    private void Submit(HeldWork<TWork> held, WorkVerdict verdict, TimeSpan delay, WorkOutcome<TResult>? outcome)
    {
        lock (_lock)
        {
            if (held.IsSettling)
            {
                return;
            }

            held.IsSettling = true;
        }

        _finished.Writer.TryWrite(new(held, new(held.Item, verdict, delay), outcome));
    }

    private Task SettleLoopsAsync() => Task.WhenAll(Enumerable.Range(0, Settlers).Select(_ => SettleLoopAsync()));

    private async Task SettleLoopAsync()
    {
        var batch = new List<Ended>();
        while (await _finished.Reader.WaitToReadAsync())
        {
            while (batch.Count < options.CompleteBatch && _finished.Reader.TryRead(out var ended))
            {
                batch.Add(ended);
            }

            if (batch.Count > 0)
            {
                await SettleAsync(batch);
                batch.Clear();
            }
        }
    }

    /// <summary>
    /// Writes outcomes, however long the database is away: an outcome in hand is worth more than another attempt, and the token refuses it
    /// where another worker has taken the item since.
    /// </summary>
    private async Task SettleAsync(IReadOnlyList<Ended> batch)
    {
        var started = clock.GetTimestamp();
        while (true)
        {
            try
            {
                await WriteAsync(batch);
                return;
            }
            catch (Exception e) when (IsOutage(e) && !(_stopping && clock.GetElapsedTime(started) > options.RetryDelay * 4))
            {
                LogSettleFailed(database.Schema, batch.Count, e);
                await Task.Delay(options.RetryDelay, clock);
            }
            catch (Exception e) when (batch.Count > 1 && !IsOutage(e))
            {
                LogSettleFailed(database.Schema, batch.Count, e);
                foreach (var one in batch)
                {
                    await SettleAsync([one]);
                }

                return;
            }
            catch (Exception e)
            {
                // Left alone, the leases run out and the items are tried again.
                LogSettleRefused(database.Schema, batch.Count, batch[0].Held.Item.Id, e);
                Forget(batch);
                return;
            }
        }
    }

    private async Task WriteAsync(IReadOnlyList<Ended> batch)
    {
        HashSet<Guid> kept;
        await _rows.WaitAsync();
        try
        {
            kept = await store.SettleAsync([.. batch.Select(b => b.Settlement)], (statements, ids) => WriteEffects(statements, batch, ids), CancellationToken.None);
            Forget(batch);
        }
        finally
        {
            _rows.Release();
        }

        Interlocked.Add(ref _settled, batch.Count);
        database.OutboxWritten.Set();
        handler.Committed();
        if (batch.Any(b => claims.HasLimits(b.Held.Item.Queue)))
        {
            // What is under a limit may go on only now.
            wake.Set();
        }

        foreach (var group in batch.Where(b => kept.Contains(b.Held.Item.Id)).GroupBy(b => (b.Held.Item.Queue, b.Settlement.Verdict)))
        {
            EventingTelemetry.WorkSettled.Add(group.Count(), _tag, new("queue", group.Key.Queue), new("verdict", group.Key.Verdict.ToString()));
        }

        if (kept.Count < batch.Count)
        {
            EventingTelemetry.WorkRefused.Add(batch.Count - kept.Count, _tag);
            LogRefused(database.Schema, batch.Count - kept.Count);
        }
    }

    private void WriteEffects(NpgsqlBatch statements, IReadOnlyList<Ended> batch, HashSet<Guid> kept)
    {
        var finished = new List<FinishedWork<TWork, TResult>>(kept.Count);
        foreach (var ended in batch)
        {
            if (ended.Outcome is not null && kept.Contains(ended.Held.Item.Id))
            {
                finished.Add(new(ended.Held.Item, ended.Held.Work, ended.Outcome));
            }
        }

        if (finished.Count > 0)
        {
            handler.WriteEffects(statements, finished);
        }
    }

    private void Forget(IReadOnlyList<Ended> batch)
    {
        lock (_lock)
        {
            foreach (var ended in batch)
            {
                // Only this claim: the same process may hold the item anew.
                if (_held.TryGetValue(ended.Held.Item.Id, out var held) && held == ended.Held)
                {
                    _held.Remove(ended.Held.Item.Id);
                }
            }
        }
    }

    private static bool IsOutage(Exception e) =>
        e is NpgsqlException { IsTransient: true } or TimeoutException
        || e is PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow }
        || e is NpgsqlException and not PostgresException;

    private sealed record Ended(HeldWork<TWork> Held, Settlement Settlement, WorkOutcome<TResult>? Outcome);
}
