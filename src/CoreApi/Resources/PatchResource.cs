using System.Text.Json;
using Platform.CoreApi.Caching;
using Platform.CoreApi.ResourceTypes;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.CoreApi.Resources;

/// <summary><c>PATCH /v1/resources/{id} {data?, labels?}</c>: a JSON merge patch (RFC 7396); a null removes.</summary>
internal static class PatchResource
{
    private const string MergePatchJson = "application/merge-patch+json";

    public static async Task<IResult> HandleAsync(
        string id, HttpContext http, CoreDatabase database, ResourceCache cache, TypeSchemas schemas, TimeProvider clock)
    {
        if (!ResourceInput.TryId(id, out var key))
        {
            return ResourceInput.NotFound();
        }

        var (body, unreadable) = await JsonBody.ReadAsync(http, MergePatchJson, "application/json");
        if (body is null)
        {
            return unreadable!;
        }

        using (body)
        {
            var (data, labels) = Read(body.Fields);
            if (body.Fields.Problem is { } invalid)
            {
                return invalid;
            }

            var (write, badKey) = WriteRequest.Of(http, body.Root);
            return badKey ?? await ResourceChange.RunAsync(http, database, cache, schemas, clock, write, key, ChangeKind.Patched,
                current => Apply(current, data, labels), ResourceChange.Changed);
        }
    }

    /// <summary>The two halves of a patch; faults stay with the fields.</summary>
    public static (JsonElement Data, JsonElement Labels) Read(JsonFields fields)
    {
        var data = fields.OptionalValue("data");
        if (data.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Object))
        {
            fields.Fault("data", "wrong_type", "'data' must be an object.");
        }

        // What is wrong with each label by itself is refused here; a key is spent only on what the state decides.
        fields.OptionalStringMap("labels", isPatch: true);
        return (data, fields.OptionalValue("labels"));
    }

    public static (Resource? Next, Problem? Problem) Apply(Resource current, JsonElement data, JsonElement labels)
    {
        var next = current;
        if (data.ValueKind == JsonValueKind.Object)
        {
            var merged = MergePatch.Apply(current.Data, data);
            if (merged.Length > JsonBody.MaxBytes && JsonSize.Unescaped(merged) > JsonBody.MaxBytes)
            {
                return (null, KnownProblems.Validation("/data", "too_large", $"'data' may have {JsonBody.MaxBytes} bytes after the patch."));
            }

            next = next with { Data = merged };
        }

        if (labels.ValueKind == JsonValueKind.Null)
        {
            return (next with { Labels = Resource.LabelsJson(new Dictionary<string, string>()) }, null);
        }

        if (labels.ValueKind == JsonValueKind.Object)
        {
            // The rules for labels are those of a new resource, so they are read by the same reader.
            using var merged = JsonDocument.Parse(MergePatch.Apply(current.Labels, labels).Prepend("{\"labels\":"u8, "}"u8));
            var fields = new JsonFields(merged.RootElement);
            var map = fields.OptionalStringMap("labels");
            if (fields.Problem is { } invalid)
            {
                return (null, invalid);
            }

            next = next with { Labels = Resource.LabelsJson(map) };
        }

        return (next, null);
    }

    private static byte[] Prepend(this byte[] middle, ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail) => [.. head, .. middle, .. tail];
}
