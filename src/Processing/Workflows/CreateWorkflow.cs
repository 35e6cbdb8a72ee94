using System.Diagnostics;
using System.Text.Json;
using Npgsql;
using Platform.Contracts.Identifiers;
using Platform.Eventing.WorkQueues;
using Platform.Processing.Types;
using Platform.Processing.Workflows.Advancing;
using Platform.Processing.Workflows.Definition;
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
    public const int MaxName = 128;

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
            var workflow = Read(body.Fields, http.Principal(), types, clock);
            if (body.Fields.Problem is { } invalid)
            {
                return invalid;
            }

            var (write, badKey) = WriteRequest.Of(http, body.Root);
            if (badKey is not null)
            {
                return badKey;
            }

            var begun = Advance.Begin(workflow!, workflow!.CreatedAt, types, () => TypeId.New(clock));
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

    private static Workflow? Read(JsonFields fields, Principal principal, JobTypes types, TimeProvider clock)
    {
        var name = fields.OptionalString("name", MaxName);
        var uniqueKey = fields.OptionalString("unique_key", 255);
        var onFailure = fields.OptionalString("on_failure", 16) ?? OnFailure.Stop;
        if (!OnFailure.All.Contains(onFailure))
        {
            fields.Fault("on_failure", "invalid_value", $"'on_failure' is one of {string.Join(", ", OnFailure.All)}.");
        }

        var given = fields.OptionalValue("input");
        var input = given.ValueKind == JsonValueKind.Undefined ? "{}"u8.ToArray() : JsonBytes.Compact(given);
        var steps = ReadSteps.Read(fields);
        var id = TypeId.New(clock);
        var scope = WorkflowReferences.ScopeOf(JsonElement.Parse(input), TypeId.Format(IdPrefix.Workflow, id), name, steps: null);
        new CheckSteps(steps, types, scope, principal).Run(fields);
        if (fields.Problem is not null)
        {
            return null;
        }

        var asked = JsonBytes.Compact(fields.RequiredValue("steps"));
        return new()
        {
            Tenant = principal.TenantId,
            Id = id,
            Name = name,
            State = WorkflowState.Running,
            CompensatesOnFailure = onFailure == OnFailure.Compensate,
            UniqueKey = uniqueKey,
            Input = input,
            Asked = asked,
            Definition = ReadSteps.Parse(asked),
            Steps = [.. steps.Select(s => new Step { Name = s.Step.Name })],
            SubmittedBy = principal.KeyId,
            TraceParent = Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity ? activity.Id : null,
            CreatedAt = Rfc3339.Now(clock),
        };
    }
}
