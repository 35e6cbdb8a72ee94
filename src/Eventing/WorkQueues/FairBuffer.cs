namespace Platform.Eventing.WorkQueues;

/// <summary>
/// Items that were claimed and wait for a slot. Between queues starts are shared out by stride scheduling: each start moves its queue's clock
/// on by 1/weight, and the queue that is furthest behind is next. Slots reserved for a queue are never taken by others. Within a queue
/// the lanes take turns. Not safe for concurrent calls.
/// </summary>
internal sealed class FairBuffer<T>(WorkQueueOptions options, TimeProvider clock)
{
    private readonly QueueBuffer<T>[] _queues = [.. options.Queues.Select(q => new QueueBuffer<T>(q, options.Concurrency))];
    private readonly int _heaviest = options.Queues.Max(q => q.Weight);
    private double _now;
    private int _running;

    public int Count { get; private set; }

    public int Running => _running;

    /// <summary>
    /// How many items of each queue to claim: what can start at once and, where items are finished fast, what will be needed during the
    /// next claims, so that a slow worker hoards nothing. Zero for a queue that has enough.
    /// </summary>
    /// <param name="ahead">Items that are expected to finish within the time that a claim may take.</param>
    public int[] Asks(int ahead)
    {
        var asks = new int[_queues.Length];
        var target = Math.Min(options.Prefetch, options.Concurrency - _running + ahead);
        var weights = Array.ConvertAll(_queues, Weight);
        var busy = _queues.Select((q, i) => q.Busy ? weights[i] : 0).Sum();
        for (var i = 0; i < _queues.Length; i++)
        {
            var queue = _queues[i];
            var free = Free(queue);
            var share = (int)Math.Ceiling(target * weights[i] / (queue.Busy ? busy : busy + weights[i]));

            // What is held back by its lane's share does not keep others from being looked for, within bounds.
            var waiting = queue.Count - queue.HeldBack(free);
            var room = Math.Min(free + ahead - waiting, (2 * options.Prefetch) - queue.Count);
            asks[i] = room <= 0 || waiting > ahead / 2 ? 0 : Math.Min(room, share);
        }

        return asks;
    }

    /// <summary>True when a queue that has more could use it here.</summary>
    public bool Wants(int ahead)
    {
        foreach (var queue in _queues)
        {
            if (queue.Busy && queue.Count - queue.HeldBack(Free(queue)) <= ahead / 2)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>How many items of a lane a claim should bring; see <see cref="QueueBuffer{T}.RoomOf"/>.</summary>
    public int RoomOf(int queue, LaneKey lane, int ahead) => _queues[queue].RoomOf(lane, Free(_queues[queue]), ahead);

    /// <summary>Notes whether a queue may have more than was claimed.</summary>
    public void NoteMore(int queue, bool more) => _queues[queue].Busy = more;

    /// <param name="late">For how long it has been due.</param>
    public void Add(string queue, LaneKey lane, T item, TimeSpan late)
    {
        var buffer = Find(queue);
        if (buffer.Count == 0)
        {
            // A queue that was idle has not saved up starts.
            buffer.Clock = Math.Max(buffer.Clock, _now);
        }

        buffer.Add(lane, item, clock.GetTimestamp() - (long)(late.TotalSeconds * clock.TimestampFrequency));
        Count++;
    }

    /// <summary>Takes the next item to start and counts it as running.</summary>
    public bool TryStart(out T item)
    {
        QueueBuffer<T>? next = null;
        var slots = 0;
        foreach (var queue in _queues)
        {
            if (queue.Count > 0 && (next is null || queue.Clock < next.Clock) && Free(queue) is var free && queue.CanStart(free))
            {
                (next, slots) = (queue, free);
            }
        }

        if (next is null)
        {
            item = default!;
            return false;
        }

        _now = next.Clock;
        next.Clock += 1.0 / Weight(next);
        _running++;
        Count--;
        item = next.Start(slots);
        return true;
    }

    public void Finished(string queue, LaneKey lane)
    {
        Find(queue).Finished(lane);
        _running--;
    }

    /// <summary>Takes out everything that has not started.</summary>
    public IReadOnlyList<T> Clear()
    {
        var items = _queues.SelectMany(q => q.Items).ToArray();
        foreach (var queue in _queues)
        {
            queue.Clear();
        }

        Count = 0;
        return items;
    }

    /// <summary>A queue that has been waiting weighs more, so that a flood elsewhere never starves it; the heaviest does not, so that it stays first.</summary>
    private double Weight(QueueBuffer<T> queue)
    {
        var weight = queue.Share.Weight;
        return weight == _heaviest || queue.Oldest is not { } oldest
            ? weight
            : Math.Clamp(weight * (1 + (clock.GetElapsedTime(oldest) / options.Ageing)), weight, _heaviest);
    }

    private int Free(QueueBuffer<T> queue)
    {
        var free = options.Concurrency - _running;
        foreach (var other in _queues)
        {
            if (other != queue)
            {
                free -= Math.Max(0, other.Share.Reserved - other.Running);
            }
        }

        return free;
    }

    private QueueBuffer<T> Find(string queue)
    {
        foreach (var buffer in _queues)
        {
            if (string.Equals(buffer.Share.Name, queue, StringComparison.Ordinal))
            {
                return buffer;
            }
        }

        throw new ArgumentException($"The queue '{queue}' is not served here.", nameof(queue));
    }
}
