using System.Text.Json;
using Platform.Processing.Types;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Triggers;

/// <summary><c>PATCH /v1/triggers/{id}</c>: a JSON merge patch (RFC 7396) of what can be set on creation; heeds <c>If-Match</c>.</summary>
internal static class PatchTrigger
{
    public static async Task<IResult> HandleAsync(string id, HttpContext http, ProcessingDatabase database, JobTypes types, TimeProvider clock)
    {
        if (!Trigger.TryId(id, out var key))
        {
            return Trigger.NotFound();
        }

        var (body, unreadable) = await JsonBody.ReadAsync(http, "application/merge-patch+json", "application/json");
        if (body is null)
        {
            return unreadable!;
        }

        using (body)
        {
            foreach (var name in TriggerInput.FieldNames)
            {
                body.Fields.OptionalValue(name);
            }

            var (versions, badTag) = ETag.IfMatch(http);
            var (write, badKey) = WriteRequest.Of(http, body.Root);
            if ((body.Fields.Problem ?? badTag ?? badKey) is { } bad)
            {
                return bad;
            }

            return await Writes.TransactAsync(database, write, RequestId.Of(http), async transaction =>
            {
                if (await TriggerRows.LockAsync(transaction, key, http.RequestAborted) is not { } current)
                {
                    return Trigger.NotFound();
                }

                if (versions is not null && !versions.Contains(current.Version))
                {
                    return KnownProblems.VersionMismatch(current.Version);
                }

                // Read like a new trigger, so that a patch cannot make what creation would refuse.
                using var merged = JsonDocument.Parse(MergePatch.Apply(current.SettingsJson(), body.Root));
                var fields = new JsonFields(merged.RootElement);
                var settings = TriggerInput.Read(fields, types, http.Principal());
                if (fields.Problem is { } invalid)
                {
                    return invalid;
                }

                var now = Rfc3339.Now(clock);
                var next = current with
                {
                    Settings = settings!, SubmittedBy = http.Principal().KeyId, Version = current.Version + 1, UpdatedAt = now > current.UpdatedAt ? now : current.UpdatedAt,
                };
                transaction.Add(TriggerRows.Update(write.Tenant, next));
                return JsonAnswer.Ok(next.ToJson()) with { EntityTag = ETag.Of(next.Version) };
            }, http.RequestAborted);
        }
    }
}
