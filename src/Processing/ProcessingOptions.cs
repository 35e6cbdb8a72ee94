namespace Platform.Processing;

/// <summary>How jobs are processed.</summary>
public sealed class ProcessingOptions
{
    /// <summary>Attempt n is followed by n^4 times this, 10 % more or less: a second after the first, four days after the 25th.</summary>
    public TimeSpan RetryUnit { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a job of a type that this version does not know is left alone before it is looked at again.</summary>
    public TimeSpan UnknownTypeHold { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a job that died or was cancelled keeps its checkpoint; 30 days by default.</summary>
    public TimeSpan CheckpointRetention { get; set; } = TimeSpan.FromDays(30);
}
