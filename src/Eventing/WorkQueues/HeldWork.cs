namespace Platform.Eventing.WorkQueues;

/// <summary>An item from its claim until its settlement.</summary>
internal sealed class HeldWork<TWork>(WorkItem item, TWork work)
{
    private readonly CancellationTokenSource _cancel = new();

    public WorkItem Item { get; } = item;
    public TWork Work { get; } = work;

    /// <summary>When the attempt began, as a timestamp of the process; 0 before.</summary>
    public long Started { get; set; }

    /// <summary>The claim is another worker's by now, or the item was removed: nothing about it will be written.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Its settlement is on the way.</summary>
    public bool IsSettling { get; set; }

    /// <summary>Cancelled when the claim is lost and when the process stops.</summary>
    public CancellationToken Token => _cancel.Token;

    /// <summary>Tells the attempt to end.</summary>
    public void Cancel() => _cancel.Cancel();

    /// <summary>Notes that the claim is gone, and tells the attempt.</summary>
    public void Lose()
    {
        IsLost = true;
        _cancel.Cancel();
    }
}
