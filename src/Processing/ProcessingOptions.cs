using Platform.Processing.Queues;

namespace Platform.Processing;

/// <summary>How jobs are processed.</summary>
public sealed class ProcessingOptions
{
    /// <summary>Attempt n is followed by n^4 times this, 10 % more or less: a second after the first, four days after the 25th.</summary>
    public TimeSpan RetryUnit { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a job of a type that this version does not know is left alone before it is looked at again.</summary>
    public TimeSpan UnknownTypeHold { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Queues by their names (<c>[a-z][a-z0-9_.-]{0,63}</c>): further ones, and what is different of those that are built in. The same in all processes.</summary>
    public Dictionary<string, QueueSettings> Queues { get; set; } = new(StringComparer.Ordinal);
}
