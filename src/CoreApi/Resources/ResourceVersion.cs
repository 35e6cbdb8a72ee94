namespace Platform.CoreApi.Resources;

/// <summary>A version that a write makes.</summary>
/// <param name="Resource">The version; its data is <c>null</c> after a deletion.</param>
/// <param name="Kind">What made it.</param>
/// <param name="WasDeleted">The version before it was a deletion.</param>
internal sealed record ResourceVersion(Resource Resource, ChangeKind Kind, bool WasDeleted)
{
    /// <summary>The answer's and the event's bytes.</summary>
    public ReadOnlyMemory<byte> Document { get; } = Resource.ToJson();

    public bool IsCreation => Kind == ChangeKind.Created;
    public bool IsDeletion => Kind == ChangeKind.Deleted;

    /// <summary>What it does to the number of living resources of its type.</summary>
    public int CountDelta => IsCreation || (WasDeleted && !IsDeletion) ? 1 : IsDeletion ? -1 : 0;

    /// <summary>The next version of <paramref name="current"/>, with the content of <paramref name="next"/>.</summary>
    public static ResourceVersion After(Resource current, Resource next, ChangeKind kind, DateTimeOffset now) =>
        new(next with
        {
            Version = current.Version + 1,

            // A clock that was set back must not make a later version look older: an object never moves back in the order of changes.
            UpdatedAt = now > current.UpdatedAt ? now : current.UpdatedAt,
            DeletedAt = null,
        }, kind, WasDeleted: current.DeletedAt is not null);
}
