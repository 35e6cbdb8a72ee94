using Npgsql;
using Platform.Contracts.Identifiers;
using Platform.Eventing.WorkQueues;
using Platform.Processing.Running;
using Platform.Processing.Types;
using Platform.Processing.Workflows.Advancing;
using Platform.Processing.Workflows.Rows;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Workflows;

/// <summary>What callers ask of a workflow that is there: decided with its row locked, and done in the same transaction. The answer is the workflow as it is then.</summary>
internal sealed class ChangeWorkflow(
    ProcessingDatabase database, WorkSignal<ProcessingDatabase> work, WorkflowSignal signal, JobTypes types, JobEndings endings, TimeProvider clock)
{
    /// <param name="decide">What happens to it, or why that cannot be.</param>
    public Task<IResult> RunAsync(HttpContext http, WriteRequest write, Guid id, Func<Workflow, (Happening? Happening, Problem? Problem)> decide) =>
        Writes.TransactAsync(database, write, RequestId.Of(http), async transaction =>
        {
            var found = await WorkflowRows.FindAsync(transaction.Connection, transaction.Tenant, id, locks: true, http.RequestAborted);
            if (found is null)
            {
                return WorkflowProblems.NotFound();
            }

            var (happening, problem) = decide(found);
            if (happening is null)
            {
                return problem!;
            }

            var advanced = Advance.Run(found, [happening], Rfc3339.Now(clock), types, () => TypeId.New(clock));
            await CancelStepJobs.RunAsync(transaction, [.. advanced.CancelledJobs.Order()], endings, clock, http.RequestAborted);

            await using var batch = new NpgsqlBatch(transaction.Connection);
            WriteWorkflow.Add(batch, advanced, isNew: false, clock);
            try
            {
                await batch.ExecuteNonQueryAsync(http.RequestAborted);
            }
            catch (PostgresException e) when (e is { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: "workflow_unique" })
            {
                return WorkflowProblems.UniqueKeyTaken();
            }

            transaction.AfterCommit(database.OutboxWritten.Set);
            transaction.AfterCommit(work.Set);
            transaction.AfterCommit(signal.Set);
            return JsonAnswer.Ok(WorkflowDocument.Write(advanced.After));
        }, http.RequestAborted);
}
