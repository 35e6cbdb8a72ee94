namespace Platform.Processing.Workflows;

/// <summary>The states of a workflow as the API names them.</summary>
internal static class WorkflowState
{
    public const string Running = "running";

    /// <summary>A step failed: nothing new starts, and what runs is let end.</summary>
    public const string Failing = "failing";

    /// <summary>The completed steps are undone, the last one first.</summary>
    public const string Compensating = "compensating";
    public const string Succeeded = "succeeded";
    public const string Failed = "failed";
    public const string Compensated = "compensated";

    /// <summary>A compensation failed for good: it can be retried.</summary>
    public const string CompensationFailed = "compensation_failed";
    public const string Cancelled = "cancelled";

    public static IReadOnlyList<string> All { get; } = [Running, Failing, Compensating, Succeeded, Failed, Compensated, CompensationFailed, Cancelled];

    /// <summary>True while it goes on by itself.</summary>
    public static bool IsAlive(string state) => state is Running or Failing or Compensating;
}

/// <summary>What happens to a workflow.</summary>
internal static class WorkflowEvent
{
    /// <summary>All steps have ended well, or were skipped.</summary>
    public const string Finish = "finish";

    /// <summary>A step failed, and does not say that the others go on.</summary>
    public const string Fail = "fail";

    /// <summary>Nothing runs any more, and <c>on_failure</c> is stop.</summary>
    public const string Stop = "stop";

    /// <summary>Nothing runs any more, and <c>on_failure</c> is compensate.</summary>
    public const string Compensate = "compensate";

    /// <summary>The last compensation has succeeded, or there was none.</summary>
    public const string Undone = "undone";
    public const string CompensationDies = "compensation_dies";
    public const string Cancel = "cancel";
    public const string CancelAndCompensate = "cancel_and_compensate";

    /// <summary>By a retry, or because a job that had failed was redriven and succeeded.</summary>
    public const string Resume = "resume";

    public static IReadOnlyList<string> All { get; } = [Finish, Fail, Stop, Compensate, Undone, CompensationDies, Cancel, CancelAndCompensate, Resume];
}

/// <summary>The states of a step as the API names them.</summary>
internal static class StepState
{
    public const string Pending = "pending";

    /// <summary>Its job, or one of its jobs, has not ended.</summary>
    public const string Running = "running";

    /// <summary>For the time, or for an approval.</summary>
    public const string Waiting = "waiting";
    public const string Succeeded = "succeeded";
    public const string Skipped = "skipped";
    public const string Failed = "failed";
    public const string Cancelled = "cancelled";

    public static IReadOnlyList<string> All { get; } = [Pending, Running, Waiting, Succeeded, Skipped, Failed, Cancelled];
}

/// <summary>What happens to a step.</summary>
internal static class StepEvent
{
    public const string Start = "start";
    public const string Wait = "wait";
    public const string Skip = "skip";
    public const string Succeed = "succeed";
    public const string Fail = "fail";
    public const string Cancel = "cancel";

    /// <summary>The workflow is retried.</summary>
    public const string Reset = "reset";

    public static IReadOnlyList<string> All { get; } = [Start, Wait, Skip, Succeed, Fail, Cancel, Reset];
}
