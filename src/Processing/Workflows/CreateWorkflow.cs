using Npgsql;
using Platform.Contracts.Identifiers;
using Platform.Eventing.WorkQueues;
using Platform.Processing.Types;
using Platform.Processing.Workflows.Advancing;
using Platform.Processing.Workflows.Expressions;
using Platform.Processing.Workflows.Rows;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Workflows;

/// <summary>
/// <c>POST /v1/workflows {name?, steps, input?, on_failure?, unique_key?}</c>: 201 and <c>Location</c>; the jobs of the first steps start in the same
/// transaction. Where a workflow of the same <c>unique_key</c> is alive, that one, with 200.
/// </summary>
internal static class CreateWorkflow
{
    public static async Task<IResult> HandleAsync(
        HttpContext http, ProcessingDatabase database, WorkSignal<ProcessingDatabase> work, WorkflowSignal signal, JobTypes types, TimeProvider clock)
    {
        var (body, unreadable) = await JsonBody.ReadAsync(http);
        if (body is null)
        {
            return unreadable!;
        }

        using (body)
        {
            var (caller, id) = (http.Principal(), TypeId.New(clock));
            var uniqueKey = body.Fields.OptionalString("unique_key", 255);
            var template = WorkflowTemplate.Read(
                body.Fields, types, caller, (input, name) => WorkflowReferences.ScopeOf(input, TypeId.Format(IdPrefix.Workflow, id), name, steps: null));
            if (body.Fields.Problem is { } invalid)
            {
                return invalid;
            }

            var (write, badKey) = WriteRequest.Of(http, body.Root);
            if (badKey is not null)
            {
                return badKey;
            }

            var workflow = template.NewWorkflow(caller.TenantId, id, caller.KeyId, Rfc3339.Now(clock)) with { UniqueKey = uniqueKey };
            var begun = Advance.Begin(workflow, workflow.CreatedAt, types, () => TypeId.New(clock));
            var result = workflow.UniqueKey is null
                ? await Writes.ExecuteAsync(database, write, JsonAnswer.Created(workflow.Location, WorkflowDocument.Write(begun.After)), batch => Add(batch, begun, clock), http.RequestAborted)
                : await CreateUniqueAsync(database, write, http, begun, clock);
            work.Set();
            if (begun.After.Steps.Any(s => s.DueAt is not null))
            {
                // The advancer sleeps until what is due next, and that may be this now.
                signal.Set();
            }

            return result;
        }
    }

    private static void Add(NpgsqlBatch batch, Advanced begun, TimeProvider clock)
    {
        batch.BatchCommands.Add(WriteWorkflow.Insert(begun.Before));
        WriteWorkflow.Add(batch, begun, isNew: true, clock);
    }

    private static Task<IResult> CreateUniqueAsync(ProcessingDatabase database, WriteRequest write, HttpContext http, Advanced begun, TimeProvider clock) =>
        Writes.TransactAsync(database, write, RequestId.Of(http), async transaction =>
        {
            while (true)
            {
                await using var insert = new NpgsqlBatch(transaction.Connection) { BatchCommands = { WriteWorkflow.Insert(begun.Before) } };
                if (await insert.ExecuteNonQueryAsync(http.RequestAborted) == 1)
                {
                    break;
                }

                // The one that has the key may end between the two looks, and the key is free again.
                await using var owner = transaction.Command(
                    "SELECT id FROM processing.workflow WHERE tenant_id = $1 AND unique_key = $2 AND state IN ('running', 'failing', 'compensating')",
                    transaction.Tenant, begun.Before.UniqueKey);
                if (await owner.ExecuteScalarAsync(http.RequestAborted) is Guid id
                    && await WorkflowRows.FindAsync(transaction.Connection, transaction.Tenant, id, locks: false, http.RequestAborted) is { } existing)
                {
                    return JsonAnswer.Ok(WorkflowDocument.Write(existing));
                }
            }

            await using var batch = new NpgsqlBatch(transaction.Connection);
            WriteWorkflow.Add(batch, begun, isNew: true, clock);
            await batch.ExecuteNonQueryAsync(http.RequestAborted);
            transaction.AfterCommit(database.OutboxWritten.Set);
            return JsonAnswer.Created(begun.After.Location, WorkflowDocument.Write(begun.After));
        }, http.RequestAborted);
}
