using Platform.Processing.Jobs;

namespace Platform.Processing.Workflows.Advancing;

/// <summary>Something that a workflow has to look at.</summary>
internal abstract record Happening;

/// <summary>A job of the step has ended: its own, one of many, or its compensation.</summary>
/// <param name="Outcome">succeeded, dead or cancelled.</param>
internal sealed record JobEnded(string Step, Guid JobId, string Outcome, byte[]? Result, string? Error) : Happening
{
    public bool HasSucceeded => Outcome == JobState.Succeeded;

    public string Reason => Outcome == JobState.Cancelled ? "Its job was cancelled." : Error ?? "Its job failed.";
}

/// <summary>A timer may ring, or an approval expire.</summary>
internal sealed record TimeCame(string Step) : Happening;

internal sealed record Decided(string Step, bool Approves, string? Comment, Guid By) : Happening;

internal sealed record CancelAsked(bool Compensates) : Happening;

internal sealed record RetryAsked : Happening;
