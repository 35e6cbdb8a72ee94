using Npgsql;
using Platform.Contracts.Identifiers;
using Platform.Eventing.Consumers;
using Platform.Eventing.WorkQueues;
using Platform.Processing.Jobs;
using Platform.Processing.Submissions;
using Platform.Processing.Types;
using Platform.Processing.Workflows.Advancing;
using Platform.Processing.Workflows.Rows;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Triggers;

/// <summary>
/// Group <c>processing.triggers</c>: starts a job or a workflow for each event and each trigger that matches it, in the transaction that takes the event. Its
/// id follows from both, so an event that comes twice starts it once; the group has no inbox, which would have a row for every event of every job.
/// </summary>
internal sealed class FireTriggers(
    ProcessingDatabase database, WorkSignal<ProcessingDatabase> work, WorkflowSignal signal, JobTypes types, TimeProvider clock) : IEventHandler
{
    public const string Group = "processing.triggers";

    public async Task HandleAsync(ConsumerBatch batch, CancellationToken cancellationToken)
    {
        var matches = await MatchTriggers.FindAsync(batch, cancellationToken);
        if (matches.Count == 0)
        {
            return;
        }

        var depths = await TriggerDepths.FindAsync(batch.Connection, matches.Select(m => m.Event), cancellationToken);
        var there = await FindStartedAsync(batch.Connection, matches, cancellationToken);
        var jobs = new List<(Guid Tenant, Job Job)>();
        var faults = new List<(ReceivedEvent Event, string Fault)>();
        await using var insert = new NpgsqlBatch(batch.Connection);
        foreach (var match in matches.Where(m => there.Add((m.Event.TenantId, IdOf(m)))))
        {
            var behind = depths.GetValueOrDefault((match.Event.TenantId, match.Event.Subject));
            var fault = behind >= TriggerDepths.Most
                ? $"{match.Event.Subject} was started by {behind} triggers in a row, and another would follow: triggers run in a circle (trigger_loop)."
                : match.Fault;
            if (fault is not null)
            {
                faults.Add((match.Event, $"{match.Trigger.PublicId}: {fault}"));
            }
            else if (match.Trigger.Settings.Job is { } job)
            {
                jobs.Add((match.Event.TenantId, NewJob(match, job)));
                TriggerDepths.Insert(insert, match.Event.TenantId, IdOf(match), behind + 1);
            }
            else
            {
                AddWorkflow(insert, match, behind + 1);
            }
        }

        foreach (var failed in faults.GroupBy(f => f.Event, f => f.Fault))
        {
            // The other triggers fire; a redrive starts only what is not there.
            batch.GiveUp(failed.Key, string.Join(" ", failed));
        }

        JobRows.InsertMany(insert, jobs, clock);
        if (insert.BatchCommands.Count > 0)
        {
            await insert.ExecuteNonQueryAsync(cancellationToken);
            batch.AfterCommit(database.OutboxWritten.Set);
            batch.AfterCommit(work.Set);
            batch.AfterCommit(signal.Set);
        }
    }

    /// <summary>What was started by these events and triggers already: a trigger that was changed meanwhile may start a workflow now where it started a job.</summary>
    private static async Task<HashSet<(Guid Tenant, Guid Id)>> FindStartedAsync(NpgsqlConnection connection, IReadOnlyList<Match> matches, CancellationToken cancellationToken)
    {
        (Guid, Guid)[] keys = [.. matches.Select(m => (m.Event.TenantId, IdOf(m)))];
        var there = await ExistingRows.FindAsync(connection, ExistingRows.Jobs, keys, cancellationToken);
        there.UnionWith(await ExistingRows.FindAsync(connection, ExistingRows.Workflows, keys, cancellationToken));
        return there;
    }

    private static Guid IdOf(Match match) => Submission.IdOf(match.Event.Id, match.Trigger.Id);

    private Job NewJob(Match match, JobTemplate template)
    {
        var now = Rfc3339.Now(clock);
        return template.NewJob(IdOf(match), now, now) with { Payload = match.Filled, TriggerId = match.Trigger.Id, SubmittedBy = match.Trigger.SubmittedBy };
    }

    private void AddWorkflow(NpgsqlBatch insert, Match match, int depth)
    {
        var workflow = match.Trigger.Settings.Workflow!.NewWorkflow(match.Event.TenantId, IdOf(match), match.Trigger.SubmittedBy, Rfc3339.Now(clock)) with
        {
            Input = match.Filled, TriggerId = match.Trigger.Id, TriggerDepth = depth,
        };
        var begun = Advance.Begin(workflow, workflow.CreatedAt, types, () => TypeId.New(clock));
        insert.BatchCommands.Add(WriteWorkflow.Insert(begun.Before));
        WriteWorkflow.Add(insert, begun, isNew: true, clock);
    }
}
