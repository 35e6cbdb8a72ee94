using Platform.CoreApi.Caching;
using Platform.CoreApi.ResourceTypes;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.CoreApi.Resources;

/// <summary>
/// <c>POST /v1/resources/{id}:restore {version}</c>: the data and labels of an earlier version become the next one; history stays whole. Brings
/// back a deleted resource too, as long as it is not purged.
/// </summary>
internal static class RestoreResource
{
    public static async Task<IResult> HandleAsync(
        string id, HttpContext http, CoreDatabase database, ResourceCache cache, TypeSchemas schemas, TimeProvider clock)
    {
        if (!ResourceInput.TryId(id, out var key))
        {
            return ResourceInput.NotFound();
        }

        var (body, unreadable) = await JsonBody.ReadAsync(http);
        if (body is null)
        {
            return unreadable!;
        }

        using (body)
        {
            var number = ResourceInput.Version(body.Fields);
            if (body.Fields.Problem is { } invalid)
            {
                return invalid;
            }

            var (write, badKey) = WriteRequest.Of(http, body.Root);
            return badKey ?? await ResourceChange.RunAsync(http, database, cache, schemas, clock, write, key, ChangeKind.Restored,
                async (current, transaction) => Apply(current, await HistoryVersion.FindAsync(transaction, key, number, http.RequestAborted)),
                ResourceChange.Changed);
        }
    }

    public static (Resource? Next, Problem? Problem) Apply(Resource current, HistoryVersion? earlier) => earlier switch
    {
        null => (null, ResourceInput.NoSuchVersion()),
        { IsDeletion: true } => (null, KnownProblems.Validation("/version", "not_restorable", "This version is a deletion; name one with data.")),
        _ => (current with { Data = earlier.Data, Labels = earlier.Labels }, null),
    };
}
