namespace Platform.Eventing.WorkQueues;

/// <summary>
/// Items that were claimed and wait for a slot, by queue. Starts are shared out by stride scheduling: each start moves its queue's clock
/// on by 1/weight, and the queue that is furthest behind is next. Slots reserved for a queue are never taken by others. Not safe for
/// concurrent calls.
/// </summary>
internal sealed class FairBuffer<T>(WorkQueueOptions options)
{
    private readonly Lane[] _lanes = [.. options.Queues.Select(q => new Lane(q))];
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
        var asks = new int[_lanes.Length];
        var target = Math.Min(options.Prefetch, options.Concurrency - _running + ahead);
        var busy = _lanes.Where(l => l.Busy).Sum(l => l.Share.Weight);
        for (var i = 0; i < _lanes.Length; i++)
        {
            var lane = _lanes[i];
            var total = lane.Busy ? busy : busy + lane.Share.Weight;
            var share = (int)Math.Ceiling((double)target * lane.Share.Weight / total);
            var room = Free(lane) + ahead - lane.Items.Count;

            // Refilled when half empty: a claim for every freed slot would be a claim for every item.
            asks[i] = room <= 0 || lane.Items.Count > ahead / 2 ? 0 : Math.Min(room, share);
        }

        return asks;
    }

    /// <summary>Notes which queues gave all that was asked and may have more. True when any may.</summary>
    public bool NoteAnswer(int[] asks, IEnumerable<string> claimedQueues)
    {
        var counts = claimedQueues.CountBy(q => q).ToDictionary(StringComparer.Ordinal);
        var more = false;
        for (var i = 0; i < _lanes.Length; i++)
        {
            var full = counts.GetValueOrDefault(_lanes[i].Share.Name) >= asks[i];
            _lanes[i].Busy = full && asks[i] > 0 || (_lanes[i].Busy && asks[i] == 0);
            more |= full;
        }

        return more;
    }

    public void Add(string queue, T item)
    {
        var lane = Find(queue);
        if (lane.Items.Count == 0)
        {
            // A queue that was idle has not saved up starts.
            lane.Clock = Math.Max(lane.Clock, _now);
        }

        lane.Items.Enqueue(item);
        Count++;
    }

    /// <summary>Takes the next item to start and counts it as running.</summary>
    public bool TryStart(out T item)
    {
        Lane? next = null;
        foreach (var lane in _lanes)
        {
            if (lane.Items.Count > 0 && Free(lane) > 0 && (next is null || lane.Clock < next.Clock))
            {
                next = lane;
            }
        }

        if (next is null)
        {
            item = default!;
            return false;
        }

        _now = next.Clock;
        next.Clock += 1.0 / next.Share.Weight;
        next.Running++;
        _running++;
        Count--;
        item = next.Items.Dequeue();
        return true;
    }

    public void Finished(string queue)
    {
        Find(queue).Running--;
        _running--;
    }

    /// <summary>Takes out everything that has not started.</summary>
    public IReadOnlyList<T> Clear()
    {
        var items = _lanes.SelectMany(l => l.Items).ToArray();
        foreach (var lane in _lanes)
        {
            lane.Items.Clear();
        }

        Count = 0;
        return items;
    }

    private int Free(Lane lane)
    {
        var free = options.Concurrency - _running;
        foreach (var other in _lanes)
        {
            if (other != lane)
            {
                free -= Math.Max(0, other.Share.Reserved - other.Running);
            }
        }

        return free;
    }

    private Lane Find(string queue)
    {
        foreach (var lane in _lanes)
        {
            if (string.Equals(lane.Share.Name, queue, StringComparison.Ordinal))
            {
                return lane;
            }
        }

        throw new ArgumentException($"The queue '{queue}' is not served here.", nameof(queue));
    }

    private sealed class Lane(WorkQueueShare share)
    {
        public WorkQueueShare Share { get; } = share;
        public Queue<T> Items { get; } = new();
        public int Running { get; set; }
        public double Clock { get; set; }

        /// <summary>The last claim was answered in full: there may be more.</summary>
        public bool Busy { get; set; }
    }
}
