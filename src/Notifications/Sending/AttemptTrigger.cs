namespace Platform.Notifications.Sending;

/// <summary>Why an attempt is made.</summary>
internal static class AttemptTrigger
{
    public const string Event = "event";

    /// <summary>The attempt before it failed.</summary>
    public const string Retry = "retry";
    public const string Redeliver = "redeliver";
    public const string Replay = "replay";
    public const string Test = "test";

    public static readonly IReadOnlyList<string> All = [Event, Retry, Redeliver, Replay, Test];
}
