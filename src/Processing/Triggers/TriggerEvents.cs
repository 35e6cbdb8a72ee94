using Platform.Contracts.Events;

namespace Platform.Processing.Triggers;

/// <summary>
/// What a trigger can listen to. Events of jobs are not among it: a job that a trigger started would start the next one, without end.
/// </summary>
internal static class TriggerEvents
{
    public static IReadOnlyList<string> All { get; } =
        [EventTypes.ResourceCreated, EventTypes.ResourceUpdated, EventTypes.ResourceRestored, EventTypes.ResourceDeleted];
}
