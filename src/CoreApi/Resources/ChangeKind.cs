using Platform.Contracts.Events;

namespace Platform.CoreApi.Resources;

/// <summary>What was done to a resource: the word in its history, and the event that says so.</summary>
internal sealed record ChangeKind(string Name, string EventType)
{
    public static readonly ChangeKind Created = new("created", EventTypes.ResourceCreated);
    public static readonly ChangeKind Replaced = new("replaced", EventTypes.ResourceUpdated);
    public static readonly ChangeKind Patched = new("patched", EventTypes.ResourceUpdated);
    public static readonly ChangeKind Deleted = new("deleted", EventTypes.ResourceDeleted);
    public static readonly ChangeKind Restored = new("restored", EventTypes.ResourceRestored);

    /// <summary>
    /// The word of a row of <c>core.resource</c>. Where none is stored it follows from the row; versions of before it was stored are
    /// <c>updated</c>, because nobody knows more.
    /// </summary>
    public const string OfCurrent =
        "COALESCE(change, CASE WHEN deleted_at IS NOT NULL THEN 'deleted' WHEN version = 1 THEN 'created' ELSE 'updated' END)";

    /// <summary>As <see cref="OfCurrent"/>, of a row of <c>core.resource_history</c>, where no version from before is a deletion.</summary>
    public const string OfEarlier = "COALESCE(change, CASE WHEN version = 1 THEN 'created' ELSE 'updated' END)";
}
