namespace Platform.Eventing.WorkQueues;

/// <summary>How much to take of a queue's lane, from a rank on.</summary>
internal readonly record struct LaneTake(LaneKey Lane, DateTime Floor, int Quota, bool IsLimited);

/// <summary>
/// The lanes of a queue that had ready work when it was looked at, in the order of their turns. What was taken moves a lane's floor on, so that
/// the next claim does not step over the remains of what is gone; whatever comes in below it is found by the next look.
/// </summary>
internal sealed class KnownLanes(bool isLimited)
{
    private static readonly DateTime Beginning = DateTime.SpecifyKind(DateTime.MinValue, DateTimeKind.Utc);
    private readonly LinkedList<Known> _lanes = [];
    private bool _hasSelfLimited;

    /// <summary>The lane that was served last: a look starts behind it and comes round.</summary>
    public LaneKey Cursor { get; private set; } = new(default, "");

    /// <summary>There are more lanes than a look shows.</summary>
    public bool IsCut { get; private set; }

    /// <summary>An item that ends may let another one start: some of the work is under limits.</summary>
    public bool HasLimits => isLimited || _hasSelfLimited;

    /// <summary>A lane is known that had work beyond what was taken of it.</summary>
    public bool HasMore => _lanes.Any(l => !l.IsDry);

    public void Replace(IReadOnlyList<LaneSeen> seen, bool isCut)
    {
        _lanes.Clear();
        IsCut = isCut;
        foreach (var lane in seen)
        {
            if (!lane.IsPaused)
            {
                _lanes.AddLast(new Known(lane.Key, isLimited || lane.IsLimited) { Floor = lane.Rank });
            }
        }

        _hasSelfLimited = seen.Any(l => l.IsLimited);

        if (isCut)
        {
            Cursor = seen[^1].Key;
        }
    }

    /// <summary>Equal parts for the lanes whose turn it is, of those that have room.</summary>
    /// <param name="fromFloor">Not what has come in below the floor: not exact, but it steps over nothing.</param>
    public List<LaneTake> Plan(int ask, bool fromFloor, Func<LaneKey, int> roomOf)
    {
        var turns = new List<(Known Lane, int Room)>();
        foreach (var lane in _lanes)
        {
            if (turns.Count < ask && !lane.IsDry && roomOf(lane.Key) is var room and > 0)
            {
                turns.Add((lane, room));
            }
        }

        return turns.ConvertAll(t => new LaneTake(t.Lane.Key, fromFloor ? t.Lane.Floor : Beginning, Math.Min(t.Room, ask / turns.Count), t.Lane.IsLimited));
    }

    /// <summary>Notes what came of a plan. True when there may be more than was taken.</summary>
    public bool Note(IReadOnlyList<LaneTake> plan, IReadOnlyDictionary<LaneKey, (int Count, DateTime Last)> taken)
    {
        var more = false;
        foreach (var take in plan)
        {
            if (Find(take.Lane) is { } node)
            {
                var (count, last) = taken.GetValueOrDefault(take.Lane, (0, node.Value.Floor));
                node.Value.Floor = last;
                node.Value.IsDry = count < take.Quota;
                more |= !node.Value.IsDry;
                if (count > 0)
                {
                    // Who got nothing, because the queue as a whole is at its limit, keeps its turn.
                    _lanes.Remove(node);
                    _lanes.AddLast(node);
                    Cursor = take.Lane;
                }
            }
        }

        return more;
    }

    /// <summary>Something was signalled: lanes that had nothing left may have something again.</summary>
    public void Refresh()
    {
        foreach (var lane in _lanes)
        {
            lane.IsDry = false;
        }
    }

    private LinkedListNode<Known>? Find(LaneKey key)
    {
        for (var node = _lanes.First; node is not null; node = node.Next)
        {
            if (node.Value.Key == key)
            {
                return node;
            }
        }

        return null;
    }

    private sealed class Known(LaneKey key, bool isLimited)
    {
        public LaneKey Key { get; } = key;
        public bool IsLimited { get; } = isLimited;
        public DateTime Floor { get; set; }
        public bool IsDry { get; set; }
    }
}

/// <summary>A lane with ready work.</summary>
/// <param name="Rank">Of the first of it.</param>
/// <param name="IsLimited">Its tenant limits itself in this queue.</param>
internal sealed record LaneSeen(int Queue, LaneKey Key, DateTime Rank, bool IsPaused, bool IsLimited);
