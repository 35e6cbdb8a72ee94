namespace Platform.Eventing.Consumers;

/// <summary>Tells a group's loop in this process that somebody else parked an event. A hint: loops look by themselves as well.</summary>
internal sealed class ParkedSignal
{
    private int _set;

    public void Set() => Volatile.Write(ref _set, 1);

    /// <summary>True when it was set since the last call.</summary>
    public bool Take() => Volatile.Read(ref _set) == 1 && Interlocked.Exchange(ref _set, 0) == 1;
}
