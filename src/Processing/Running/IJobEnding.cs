using Npgsql;

namespace Platform.Processing.Running;

/// <summary>Has a part in the end of jobs: what it writes commits with them. All that are registered are asked.</summary>
internal interface IJobEnding
{
    /// <summary>
    /// Adds statements to the transaction in which these jobs end. Whoever ended them has locked or removed their work items. It may be asked
    /// again for the same jobs where that transaction failed.
    /// </summary>
    void Write(NpgsqlBatch batch, IReadOnlyList<EndedJob> ended);

    /// <summary>After the commit; a crash in between loses it: for wake-ups only.</summary>
    void Committed();
}

/// <summary>A job that ends.</summary>
/// <param name="Outcome">succeeded, dead or cancelled.</param>
/// <param name="Result">JSON; null for none.</param>
/// <param name="Error">Why it is dead; null otherwise.</param>
internal sealed record EndedJob(
    Guid Tenant, Guid Id, Guid? WorkflowId, string? Step, Guid? ScheduleId, string Outcome, byte[]? Result, string? Error);

/// <summary>Everything that has a part in the end of jobs.</summary>
internal sealed class JobEndings(IEnumerable<IJobEnding> endings)
{
    private readonly IJobEnding[] _all = [.. endings];

    public void Write(NpgsqlBatch batch, IReadOnlyList<EndedJob> ended)
    {
        foreach (var ending in _all)
        {
            ending.Write(batch, ended);
        }
    }

    public void Committed()
    {
        foreach (var ending in _all)
        {
            ending.Committed();
        }
    }
}
