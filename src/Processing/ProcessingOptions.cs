namespace Platform.Processing;

/// <summary>How jobs are processed.</summary>
public sealed class ProcessingOptions
{
    /// <summary>Attempt n is followed by n^4 times this, 10 % more or less: a second after the first, four days after the 25th.</summary>
    public TimeSpan RetryUnit { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a job of a type that this version does not know is left alone before it is looked at again.</summary>
    public TimeSpan UnknownTypeHold { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How often workflows are looked at without being woken.</summary>
    public TimeSpan WorkflowPoll { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a workflow at rest is kept.</summary>
    public TimeSpan WorkflowRetention { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How long a workflow that cannot be advanced is left alone.</summary>
    public TimeSpan WorkflowHold { get; set; } = TimeSpan.FromSeconds(30);
}
