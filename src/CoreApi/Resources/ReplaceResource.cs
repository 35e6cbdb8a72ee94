using System.Text.Json;
using Platform.CoreApi.Caching;
using Platform.CoreApi.ResourceTypes;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.CoreApi.Resources;

/// <summary><c>PUT /v1/resources/{id} {type, data, labels?}</c>: the whole resource anew; its type stays what it is.</summary>
internal static class ReplaceResource
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
            var type = ResourceInput.Type(body.Fields);
            var data = ResourceInput.Data(body.Fields);
            var labels = body.Fields.OptionalStringMap("labels");
            if (body.Fields.Problem is { } invalid)
            {
                return invalid;
            }

            var (write, badKey) = WriteRequest.Of(http, body.Root);
            return badKey ?? await ResourceChange.RunAsync(http, database, cache, schemas, clock, write, key, ChangeKind.Replaced,
                current => Apply(current, type, data, labels), ResourceChange.Changed);
        }
    }

    public static (Resource? Next, Problem? Problem) Apply(
        Resource current, string type, JsonElement data, IReadOnlyDictionary<string, string> labels) =>
        current.Type == type
            ? (current with { Data = Resource.Compact(data), Labels = Resource.LabelsJson(labels) }, null)
            : (null, KnownProblems.Validation("/type", "immutable", "The type of a resource cannot change."));
}
