using System.Text.Json;
using Platform.Processing.Templates;
using Platform.Processing.Workflows.Expressions;

namespace Platform.Processing.Workflows.Definition;

/// <summary>What a step waits for or does.</summary>
internal static class StepKind
{
    public const string Job = "job";
    public const string Approval = "approval";
    public const string Timer = "timer";

    public static IReadOnlyList<string> All { get; } = [Job, Approval, Timer];
}

/// <summary>A step as it was asked for.</summary>
/// <param name="Needs">The steps that must have ended before.</param>
/// <param name="ForEach">A reference to a list: one job for each of its elements.</param>
internal sealed record StepDefinition(
    string Name, string Kind, IReadOnlyList<string> Needs, JobTemplate? Job, Condition? When, Template? ForEach, StepTimer? Timer, StepApproval? Approval,
    JobTemplate? Compensate, bool ContinuesOnFailure)
{
    /// <summary>The steps whose outcome it reads when it starts.</summary>
    public IEnumerable<string> ReadsAtStart =>
        ReadsOf(Job).Concat(When?.References("").Select(r => WorkflowReferences.StepOf(r.Reference)) ?? []).Concat(ForEach?.References.Select(WorkflowReferences.StepOf) ?? []).OfType<string>();

    /// <summary>The steps whose outcome its compensation reads.</summary>
    public IEnumerable<string> ReadsAtCompensation => ReadsOf(Compensate).OfType<string>();

    private static IEnumerable<string?> ReadsOf(JobTemplate? job) =>
        job is null ? [] : JsonTemplate.Find(job.Payload, WorkflowReferences.Dialect).SelectMany(t => t.Template?.References ?? []).Select(WorkflowReferences.StepOf);
}

/// <summary>A job that is made when its time has come.</summary>
/// <param name="Payload">With templates.</param>
/// <param name="MaxAttempts">Null for what is usual with its type.</param>
/// <param name="TimeoutSeconds">Of one attempt; null for what is usual with its type.</param>
internal sealed record JobTemplate(string Type, JsonElement Payload, string Queue, int Priority, int? MaxAttempts, int? TimeoutSeconds);

/// <summary>Either so many seconds after its needs have ended, or at a time.</summary>
internal sealed record StepTimer(int? Seconds, DateTimeOffset? Until)
{
    public const int MaxSeconds = 366 * 24 * 3600;
}

/// <param name="ExpiresInSeconds">Null for never.</param>
/// <param name="ApprovesOnExpiry">Otherwise it is rejected.</param>
internal sealed record StepApproval(int? ExpiresInSeconds, bool ApprovesOnExpiry);
