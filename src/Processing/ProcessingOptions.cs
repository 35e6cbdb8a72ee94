using System.ComponentModel.DataAnnotations;
using Platform.Processing.Queues;

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

    /// <summary>How often it is looked for schedules that are due; a job starts up to this late. More than zero.</summary>
    public TimeSpan ScheduleTick { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// How long a job that has ended can be read, from the end of the day of its id (UTC); one that outlived its day, from its own end. Jobs
    /// that are alive and dead letters stay.
    /// </summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "3650.00:00:00")]
    public TimeSpan JobRetention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How long a dead letter waits to be redriven; then it and its job are forgotten.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "3650.00:00:00")]
    public TimeSpan DeadLetterRetention { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How often workflows are looked at without being woken.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan WorkflowPoll { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a workflow at rest is kept.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "3650.00:00:00")]
    public TimeSpan WorkflowRetention { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How long a workflow that cannot be advanced is left alone.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "1.00:00:00")]
    public TimeSpan WorkflowHold { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Queues by their names (<c>[a-z][a-z0-9_.-]{0,63}</c>): further ones, and what is different of those that are built in. The same in all processes.</summary>
    public Dictionary<string, QueueSettings> Queues { get; set; } = new(StringComparer.Ordinal);
}
