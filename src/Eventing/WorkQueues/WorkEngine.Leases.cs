namespace Platform.Eventing.WorkQueues;

internal sealed partial class WorkEngine<TWork, TResult>
{
    /// <summary>One statement renews everything in hand; in between, long runners are checked for having been removed.</summary>
    private async Task KeepLeasesAsync(CancellationToken cancellationToken)
    {
        var renewed = clock.GetTimestamp();
        using var timer = new PeriodicTimer(options.Watch < options.Heartbeat ? options.Watch : options.Heartbeat, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                var renew = clock.GetElapsedTime(renewed) >= options.Heartbeat;
                if (await TryLookAsync(renew, cancellationToken) && renew)
                {
                    renewed = clock.GetTimestamp();
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Everything is settled.
        }
    }

    private async Task<bool> TryLookAsync(bool renew, CancellationToken cancellationToken)
    {
        // Cancelled only when nothing is settled any more.
        for (var i = 0; i < Settlers; i++)
        {
            await _rows.WaitAsync(cancellationToken);
        }

        try
        {
            await LookAsync(renew, cancellationToken);
            return true;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogLeasesFailed(database.Schema, e);
            return false;
        }
        finally
        {
            _rows.Release(Settlers);
        }
    }

    private async Task LookAsync(bool renew, CancellationToken cancellationToken)
    {
        HeldWork<TWork>[] looked;
        lock (_lock)
        {
            looked = renew
                ? [.. _held.Values]
                : [.. _held.Values.Where(h => h.Started > 0 && !h.IsSettling && clock.GetElapsedTime(h.Started) >= options.Watch / 2)];
        }

        if (looked.Length == 0)
        {
            return;
        }

        var items = Array.ConvertAll(looked, h => h.Item);
        var kept = renew ? await store.RenewAsync(items, cancellationToken) : await store.CheckAsync(items, cancellationToken);
        foreach (var held in looked.Where(h => !kept.Contains(h.Item.Id)))
        {
            LogLost(database.Schema, held.Item.Queue, held.Item.Id, held.Item.Attempt);
            held.Lose();
        }
    }
}
