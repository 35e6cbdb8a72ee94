using System.Text.Json;
using Platform.CoreApi.Caching;
using Platform.CoreApi.ResourceTypes;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.CoreApi.Resources;

/// <summary>
/// <c>POST /v1/resources:batch {operations, atomic?}</c>: 1 to 1,000 operations in one transaction of three round trips. 200 with an outcome
/// each; with <c>atomic</c> everything or nothing.
/// </summary>
internal static class WriteBatch
{
    public const int MaxOperations = 1000;

    /// <summary>Of data that a batch may read and make together.</summary>
    public const long MaxBytes = 16 * 1024 * 1024;

    public static async Task<IResult> HandleAsync(HttpContext http, CoreDatabase database, ResourceCache cache, TypeSchemas schemas, TimeProvider clock)
    {
        var (body, unreadable) = await JsonBody.ReadAsync(http);
        if (body is null)
        {
            return unreadable!;
        }

        using (body)
        {
            var elements = Operations(body.Fields);
            var atomic = body.Fields.OptionalBool("atomic") ?? false;
            if (body.Fields.Problem is { } invalid)
            {
                return invalid;
            }

            var (write, badKey) = WriteRequest.Of(http, body.Root);
            if (badKey is not null)
            {
                return badKey;
            }

            var operations = elements.EnumerateArray().Select(BatchOperation.Read).ToArray();
            if (atomic && ResourceBatchAnswer.Refusal(Array.ConvertAll(operations, o => new BatchOutcome(null, o.Fault))) is { } refusal)
            {
                return refusal;
            }

            // Before the transaction: from here on, no read answers from what is held of these.
            Guid[] changed = [.. operations.Where(o => o.Fault is null && o.Kind != ChangeKind.Created).Select(o => o.Id).Distinct()];
            await using var fence = await cache.FenceAsync(write.Tenant, changed, http.RequestAborted);
            ResourceVersion[] written = [];
            var result = await Writes.TransactAsync(database, write, RequestId.Of(http), async transaction =>
            {
                (var answer, written) = await RunAsync(http, transaction, operations, atomic, schemas, clock);
                return answer;
            }, http.RequestAborted);
            foreach (var version in result is JsonAnswer { Replayed: false } ? written.GroupBy(v => v.Resource.Id).Select(g => g.Last()) : [])
            {
                if (version is { IsDeletion: false, IsCreation: false })
                {
                    fence.Committed(version.Resource);
                }
            }

            return result;
        }
    }

    private static JsonElement Operations(JsonFields fields)
    {
        var operations = fields.RequiredValue("operations");
        if (operations.ValueKind is not (JsonValueKind.Array or JsonValueKind.Undefined))
        {
            fields.Fault("operations", "wrong_type", "'operations' must be a list of operations.");
        }
        else if (operations.ValueKind == JsonValueKind.Array && operations.GetArrayLength() is 0 or > MaxOperations)
        {
            fields.Fault("operations", "out_of_range", $"'operations' must hold 1 to {MaxOperations} operations.");
        }

        return operations;
    }

    private static async Task<(IResult Answer, ResourceVersion[] Written)> RunAsync(
        HttpContext http, WriteTransaction transaction, BatchOperation[] operations, bool atomic, TypeSchemas schemas, TimeProvider clock)
    {
        var state = await BatchState.ReadAsync(transaction, operations, MaxBytes, http.RequestAborted);
        var now = Rfc3339.Now(clock);
        var outcomes = new List<BatchOutcome>(operations.Length);

        // All of one millisecond; sorted, so that lists show them in the order of the operations.
        var ids = new Queue<Guid>(operations.Select(_ => Guid.CreateVersion7(now)).Order());
        foreach (var operation in operations)
        {
            var (made, problem) = await ApplyAsync(operation, ids.Dequeue(), state, transaction.Tenant, schemas, now, http.RequestAborted);
            if (made is not null)
            {
                state.Put(made);
            }

            if (state.Bytes > MaxBytes)
            {
                return (ResourceBatchAnswer.TooMuch(MaxBytes), []);
            }

            outcomes.Add(new(made, problem));
        }

        if (atomic && ResourceBatchAnswer.Refusal(outcomes) is { } refusal)
        {
            return (refusal, []);
        }

        var versions = outcomes.Where(o => o.Made is not null).Select(o => o.Made!).ToArray();
        ResourceWriter.Add(transaction, versions, http.Principal().Actor, clock);
        return (ResourceBatchAnswer.Of(outcomes, RequestId.Of(http)), versions);
    }

    private static async ValueTask<(ResourceVersion? Made, Problem? Problem)> ApplyAsync(
        BatchOperation operation, Guid newId, BatchState state, Guid tenant, TypeSchemas schemas, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        if (operation.Fault is not null)
        {
            return (null, operation.Fault);
        }

        ResourceVersion made;
        if (operation.Kind == ChangeKind.Created)
        {
            made = new(new(newId, operation.Type!, Resource.Compact(operation.Data), Resource.LabelsJson(operation.Labels), 1, now, now),
                ChangeKind.Created, WasDeleted: false);
        }
        else
        {
            if (state.Current(operation.Id) is not { } current)
            {
                return (null, ResourceInput.NotFound());
            }

            var (next, refused) = operation.Apply(current, state.Version(operation.Id, operation.Version));
            if (next is null)
            {
                return (null, refused);
            }

            made = ResourceVersion.After(current, next, operation.Kind, now);
        }

        return !made.IsDeletion && await schemas.CheckAsync(tenant, made.Resource.Type, made.Resource.Data, cancellationToken) is { } invalid
            ? (null, invalid)
            : (made, null);
    }
}
