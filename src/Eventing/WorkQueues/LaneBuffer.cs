namespace Platform.Eventing.WorkQueues;

/// <summary>What of a lane waits in this process for a slot, and how much of it runs.</summary>
internal sealed class LaneBuffer<T>(LaneKey key)
{
    public LaneKey Key { get; } = key;

    /// <summary>With the timestamp since which each has been due.</summary>
    public Queue<(T Item, long Due)> Items { get; } = new();
    public int Running { get; set; }
}
