namespace Platform.Processing.Workflows;

/// <summary>What follows when a step has failed for good.</summary>
internal static class OnFailure
{
    /// <summary>The completed steps are undone, the last one first.</summary>
    public const string Compensate = "compensate";

    /// <summary>It stays where it is, to be looked at and retried.</summary>
    public const string Stop = "stop";

    public static IReadOnlyList<string> All { get; } = [Stop, Compensate];
}
