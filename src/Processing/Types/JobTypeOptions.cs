using System.ComponentModel.DataAnnotations;
using Platform.Processing.Jobs;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Types;

/// <summary>What holds for all jobs of one type, unless a job says otherwise where it may.</summary>
public sealed class JobTypeOptions
{
    /// <summary>How often a job is tried that does not say; 25 by default, at most 100.</summary>
    [Range(1, Job.MaxMaxAttempts)]
    public int MaxAttempts { get; set; } = Job.DefaultMaxAttempts;

    /// <summary>How long one attempt of a job may take that does not say; 30 seconds by default, at most an hour. Whole seconds.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(Job.DefaultTimeoutSeconds);

    /// <summary>
    /// Pauses after the first failed attempt, the second, and so on, the last one for all that follow; 10 % more or less, so that what failed
    /// together does not return together. Empty: n^4 seconds after the nth, as for all types.
    /// </summary>
    public IReadOnlyList<TimeSpan> RetryDelays { get; set; } = [];

    /// <summary>
    /// Scopes that whoever submits such a job must have (403 otherwise), and that the job has where it calls other services. None by default.
    /// </summary>
    public IReadOnlyList<string> Scopes { get; set; } = [];

    /// <summary>
    /// Takes the payload's fields and notes what is wrong with them; null: what the payload's type says (names in snake_case, required members,
    /// types of values; unknown fields are refused).
    /// </summary>
    public Action<JsonFields>? Check { get; set; }

    /// <summary>True when the payload may be any object: nothing is checked.</summary>
    public bool TakesAnything { get; set; }

    internal int TimeoutSeconds => (int)Timeout.TotalSeconds;

    /// <exception cref="ArgumentException">A value makes no sense.</exception>
    internal JobTypeOptions Checked(string type)
    {
        if (MaxAttempts is < 1 or > Job.MaxMaxAttempts)
        {
            throw new ArgumentException($"{type}: MaxAttempts is {MaxAttempts} and must be 1 to {Job.MaxMaxAttempts}.");
        }

        if (Timeout.Ticks % TimeSpan.TicksPerSecond != 0 || Timeout < TimeSpan.FromSeconds(1) || Timeout > TimeSpan.FromSeconds(Job.MaxTimeoutSeconds))
        {
            throw new ArgumentException($"{type}: Timeout is {Timeout} and must be whole seconds, 1 to {Job.MaxTimeoutSeconds}.");
        }

        return RetryDelays.All(d => d >= TimeSpan.Zero) ? this : throw new ArgumentException($"{type}: RetryDelays must not be negative.");
    }
}
