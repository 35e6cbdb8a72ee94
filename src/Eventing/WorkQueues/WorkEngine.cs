using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Platform.Eventing.Database;
using Platform.Eventing.Telemetry;

namespace Platform.Eventing.WorkQueues;

/// <summary>
/// One process's share of one service's work: claims ahead of need, runs items side by side, and settles them in batches. Three loops:
/// claiming (here), settling (WorkEngine.Settle.cs) and keeping leases (WorkEngine.Leases.cs); they meet in what is held.
/// </summary>
internal sealed partial class WorkEngine<TWork, TResult>(
    ServiceDatabase database, WorkClaims claims, WorkStore store, IWorkHandler<TWork, TResult> handler, AsyncSignal wake, WorkQueueOptions options,
    TimeProvider clock, ILogger<WorkEngine<TWork, TResult>> logger)
{
    private static readonly TimeSpan Ahead = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(10);
    private readonly Lock _lock = new();
    private readonly FairBuffer<HeldWork<TWork>> _buffer = new(options, clock);
    private readonly Dictionary<Guid, HeldWork<TWork>> _held = [];
    private readonly KeyValuePair<string, object?> _tag = new("service", database.Schema);
    private bool _more;
    private bool _stopping;
    private long _settled;
    private long _measuredAt;
    private long _measuredSettled;
    private double _rate;

    /// <summary>True after a claim that was answered in full: others may help.</summary>
    public event Action? Overflowed;

    /// <summary>Works until told to stop, then drains: what has not started is given back, what runs may finish within bounds.</summary>
    public async Task RunAsync(CancellationToken stoppingToken)
    {
        using var closing = new CancellationTokenSource();
        var leases = KeepLeasesAsync(closing.Token);
        var settling = SettleLoopsAsync();
        try
        {
            await ClaimLoopAsync(stoppingToken);
        }
        finally
        {
            await DrainAsync();
            _finished.Writer.Complete();
            await settling;
            await closing.CancelAsync();
            await leases;
        }
    }

    private async Task ClaimLoopAsync(CancellationToken stoppingToken)
    {
        var signalled = true;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var (wait, deaf) = await ClaimAsync(signalled, stoppingToken);
                signalled = wait > TimeSpan.Zero;
                if (deaf)
                {
                    await Task.Delay(wait, clock, stoppingToken);
                }
                else if (signalled)
                {
                    await wake.WaitAsync(wait, stoppingToken);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                LogClaimFailed(database.Schema, e);
                await Task.Delay(options.RetryDelay, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>One claim. Returns how long to wait for the next, unless woken, where that is of use.</summary>
    private async Task<(TimeSpan Wait, bool Deaf)> ClaimAsync(bool signalled, CancellationToken cancellationToken)
    {
        int[] counts;
        int ahead;
        bool flooded;
        lock (_lock)
        {
            _more = true;
            ahead = Expected();
            counts = _buffer.Asks(ahead);
            flooded = _buffer.Count > 0;
        }

        if (counts.All(c => c == 0))
        {
            return (Poll(), false);
        }

        var claim = await claims.ClaimAsync(new(counts, RoomOf, flooded, signalled), NoteMore, cancellationToken);
        if (claim.Items.Count > 0)
        {
            await TakeAsync(claim, cancellationToken);
        }

        lock (_lock)
        {
            _more = claim.More;
        }

        if (claim.More && claim.Items.Count >= counts.Sum())
        {
            Overflowed?.Invoke();
        }

        if (claim.Items.Count > 0 && claim.More)
        {
            return (TimeSpan.Zero, false);
        }

        var poll = Poll();
        var next = claim.Next is { } due && due < poll ? TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling(due.TotalMilliseconds))) : poll;

        // Being woken would change nothing before the next look, and items that end wake often.
        return !claim.Looked && claim.Items.Count == 0 ? (next < Glance ? next : Glance, true) : (next, false);

        int RoomOf(int queue, LaneKey lane)
        {
            lock (_lock)
            {
                return _buffer.RoomOf(queue, lane, ahead);
            }
        }

        void NoteMore(int queue, bool more)
        {
            lock (_lock)
            {
                _buffer.NoteMore(queue, more);
            }
        }
    }

    /// <summary>Not the same for all: processes that look at the same time stand in each other's way.</summary>
    private TimeSpan Poll() => options.Poll * (0.75 + (Random.Shared.NextDouble() / 2));

    private async Task TakeAsync(Claim claim, CancellationToken cancellationToken)
    {
        var items = claim.Items.Select(i => i.Item).ToArray();
        IReadOnlyDictionary<Guid, TWork> works;
        try
        {
            works = await handler.LoadAsync(items, cancellationToken);
        }
        catch (Exception e)
        {
            // Nothing of it has run; where this fails too, the leases run out.
            LogLoadFailed(database.Schema, items.Length, e);
            await store.SettleAsync([.. items.Select(i => new Settlement(i, WorkVerdict.Postpone, options.RetryDelay))], (_, _) => { }, CancellationToken.None);
            return;
        }

        var orphans = items.Where(i => !works.ContainsKey(i.Id)).ToArray();
        if (orphans.Length > 0)
        {
            await store.SettleAsync([.. orphans.Select(i => new Settlement(i, WorkVerdict.Finish, TimeSpan.Zero))], (_, _) => { }, cancellationToken);
        }

        lock (_lock)
        {
            foreach (var (item, late) in claim.Items)
            {
                if (works.TryGetValue(item.Id, out var work))
                {
                    var held = new HeldWork<TWork>(item, work);

                    // An earlier claim of ours ran out while its attempt goes on: its outcome will be refused.
                    if (_held.Remove(item.Id, out var stale))
                    {
                        stale.Lose();
                    }

                    _held[item.Id] = held;
                    _buffer.Add(item.Queue, new(item.TenantId, item.Lane), held, late);
                }
            }

            StartWhatFits();
        }

        EventingTelemetry.WorkClaimed.Add(items.Length, _tag);
        foreach (var (item, late) in claim.Items)
        {
            EventingTelemetry.WorkWait.Record(Math.Max(0, late.TotalSeconds), _tag, new("queue", item.Queue));
        }
    }

    private void StartWhatFits()
    {
        while (!_stopping && _buffer.TryStart(out var held))
        {
            held.Started = clock.GetTimestamp();
            _ = Task.Run(() => RunOneAsync(held));
        }
    }

    private async Task RunOneAsync(HeldWork<TWork> held)
    {
        WorkOutcome<TResult>? outcome = null;
        var verdict = WorkVerdict.Retry;
        var delay = TimeSpan.Zero;
        try
        {
            if (!held.IsLost)
            {
                outcome = await handler.RunAsync(held.Item, held.Work, held.Token);
                (verdict, delay) = (outcome.Verdict, outcome.Delay);
            }
        }
        catch (OperationCanceledException) when (held.Token.IsCancellationRequested)
        {
            // Stopping, or lost: given back unpenalised, which is refused where it was lost.
            verdict = WorkVerdict.Postpone;
        }
        catch (Exception e)
        {
            delay = TimeSpan.FromSeconds(Math.Min(3600, Math.Pow(2, Math.Min(held.Item.Attempt, 12))));
            LogRunFailed(database.Schema, held.Item.Queue, held.Item.Id, held.Item.Attempt, e);
        }

        Submit(held, verdict, delay, outcome);
        lock (_lock)
        {
            _buffer.Finished(held.Item.Queue, new(held.Item.TenantId, held.Item.Lane));
            StartWhatFits();
            if (_more && _buffer.Wants(Expected()))
            {
                wake.Set();
            }
        }
    }

    /// <summary>How many items will be finished within the time that a claim may take, by the rate of late.</summary>
    private int Expected()
    {
        var elapsed = Stopwatch.GetElapsedTime(_measuredAt);
        if (elapsed >= TimeSpan.FromMilliseconds(5))
        {
            var settled = Interlocked.Read(ref _settled);
            var current = (settled - _measuredSettled) / elapsed.TotalSeconds;
            _rate = (_rate + current) / 2;
            (_measuredAt, _measuredSettled) = (Stopwatch.GetTimestamp(), settled);
        }

        return (int)Math.Min(options.Prefetch, _rate * Ahead.TotalSeconds);
    }

    private async Task DrainAsync()
    {
        IReadOnlyList<HeldWork<TWork>> unstarted;
        lock (_lock)
        {
            _stopping = true;
            unstarted = _buffer.Clear();
        }

        foreach (var held in unstarted)
        {
            Submit(held, WorkVerdict.Postpone, TimeSpan.Zero, outcome: null);
        }

        if (!await RunningEndsAsync(options.Drain))
        {
            foreach (var held in Unsettled())
            {
                held.Cancel();
            }

            await RunningEndsAsync(TimeSpan.FromSeconds(1));
        }

        // Whatever does not listen is given back all the same; what it still finds out is refused.
        foreach (var held in Unsettled())
        {
            Submit(held, WorkVerdict.Postpone, TimeSpan.Zero, outcome: null);
        }
    }

    private async Task<bool> RunningEndsAsync(TimeSpan bound)
    {
        var started = clock.GetTimestamp();
        while (clock.GetElapsedTime(started) < bound)
        {
            lock (_lock)
            {
                if (_buffer.Running == 0)
                {
                    return true;
                }
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), clock);
        }

        return false;
    }

    private HeldWork<TWork>[] Unsettled()
    {
        lock (_lock)
        {
            return [.. _held.Values.Where(h => !h.IsSettling)];
        }
    }
}
