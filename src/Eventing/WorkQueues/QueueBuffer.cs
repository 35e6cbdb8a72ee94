namespace Platform.Eventing.WorkQueues;

/// <summary>One queue of <see cref="FairBuffer{T}"/>: its lanes take turns.</summary>
internal sealed class QueueBuffer<T>(WorkQueueShare share, int slots)
{
    /// <summary>
    /// A lane may start another item while it runs fewer than this many times the slots that are free: one that is alone gets seven of eight slots, and
    /// whoever comes next finds a free one, however long that one's items run. Two share what there is and leave less free, and so on.
    /// </summary>
    private const int Greed = 7;

    /// <summary>The last slots are for lanes that run nothing.</summary>
    private readonly int _spared = slots / 16;
    private readonly Dictionary<LaneKey, LaneBuffer<T>> _lanes = [];
    private readonly LinkedList<LaneBuffer<T>> _turns = [];

    public WorkQueueShare Share { get; } = share;
    public int Running { get; private set; }
    public int Count { get; private set; }

    /// <summary>Stride scheduling: the queue that is furthest behind is next.</summary>
    public double Clock { get; set; }

    /// <summary>The last claim was answered in full: there may be more.</summary>
    public bool Busy { get; set; }

    public IEnumerable<T> Items => _turns.SelectMany(l => l.Items).Select(i => i.Item);

    /// <summary>Since when the item that waits longest has been due; null when none waits.</summary>
    public long? Oldest
    {
        get
        {
            long? oldest = null;
            foreach (var lane in _turns)
            {
                if (lane.Items.Peek().Due is var due && !(due >= oldest))
                {
                    oldest = due;
                }
            }

            return oldest;
        }
    }

    public void Add(LaneKey key, T item, long due)
    {
        if (!_lanes.TryGetValue(key, out var lane))
        {
            _lanes[key] = lane = new(key);
        }

        if (lane.Items.Count == 0)
        {
            _turns.AddLast(lane);
        }

        lane.Items.Enqueue((item, due));
        Count++;
    }

    /// <summary>True when a lane that has an item may start it.</summary>
    public bool CanStart(int free)
    {
        if (free > 0)
        {
            foreach (var lane in _turns)
            {
                if (MayStart(lane.Running, free))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Takes the item of the lane whose turn it is, of those that may start one, and counts it as running.</summary>
    public T Start(int free)
    {
        var turn = _turns.First;
        while (!MayStart(turn!.Value.Running, free))
        {
            turn = turn.Next;
        }

        var lane = turn.Value;
        _turns.Remove(turn);
        var (item, _) = lane.Items.Dequeue();
        if (lane.Items.Count > 0)
        {
            _turns.AddLast(turn);
        }

        lane.Running++;
        Running++;
        Count--;
        return item;
    }

    public void Finished(LaneKey key)
    {
        var lane = _lanes[key];
        lane.Running--;
        Running--;
        if (lane.Running == 0 && lane.Items.Count == 0)
        {
            _lanes.Remove(key);
        }
    }

    /// <summary>Items whose lane may start no other one although slots are free: they are not what a claim is spared for.</summary>
    public int HeldBack(int free)
    {
        var held = 0;
        if (free > 0)
        {
            foreach (var lane in _turns)
            {
                held += MayStart(lane.Running, free) ? 0 : lane.Items.Count;
            }
        }

        return held;
    }

    /// <summary>How many items of a lane a claim should bring: what it may start, and what will be needed during the next claims.</summary>
    public int RoomOf(LaneKey key, int free, int ahead)
    {
        var (waiting, running) = _lanes.TryGetValue(key, out var lane) ? (lane.Items.Count, lane.Running) : (0, 0);

        // Each start takes a free slot: n more while running + n < Greed * (free - n).
        var startable = Math.Min(free - _spared, ((Greed * free) - running + Greed) / (Greed + 1));
        startable = Math.Max(startable, free > 0 && running == 0 ? 1 : 0);

        // Refilled when half empty: a claim for every freed slot would be a claim for every item.
        return waiting > ahead / 2 ? 0 : startable + ahead - waiting;
    }

    public void Clear()
    {
        foreach (var lane in _turns)
        {
            lane.Items.Clear();
            if (lane.Running == 0)
            {
                _lanes.Remove(lane.Key);
            }
        }

        _turns.Clear();
        Count = 0;
    }

    private bool MayStart(int running, int free) => free > 0 && (running == 0 || (free > _spared && running < Greed * free));
}
