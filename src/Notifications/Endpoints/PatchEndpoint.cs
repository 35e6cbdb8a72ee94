using System.Text.Json;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Notifications.Endpoints;

/// <summary><c>PATCH /v1/webhook-endpoints/{id}</c>: a JSON merge patch (RFC 7396) of what can be set on creation; a null removes.</summary>
internal static class PatchEndpoint
{
    public static async Task<IResult> HandleAsync(string id, HttpContext http, NotificationsDatabase database, TimeProvider clock)
    {
        if (!EndpointInput.TryId(id, out var key))
        {
            return EndpointInput.NotFound();
        }

        var (body, unreadable) = await JsonBody.ReadAsync(http, "application/merge-patch+json", "application/json");
        if (body is null)
        {
            return unreadable!;
        }

        using (body)
        {
            foreach (var name in EndpointInput.FieldNames)
            {
                body.Fields.OptionalValue(name);
            }

            if (body.Fields.Problem is { } unknown)
            {
                return unknown;
            }

            var (write, badKey) = WriteRequest.Of(http, body.Root);
            return badKey ?? await EndpointChange.RunAsync(http, database, clock, write, key, (current, now) => Apply(current, body.Root, now));
        }
    }

    /// <summary>
    /// The result is read like a new endpoint, so that a patch cannot make what creation would refuse. A filter is one value: half of one merged
    /// into another would be neither.
    /// </summary>
    private static (WebhookEndpoint? Next, Problem? Problem) Apply(WebhookEndpoint current, JsonElement patch, DateTimeOffset now)
    {
        var before = patch.TryGetProperty("filter", out _)
            ? current with { Settings = current.Settings with { Filter = current.Settings.Filter with { ConditionJson = null } } }
            : current;
        using var merged = JsonDocument.Parse(MergePatch.Apply(before.SettingsJson(), patch));
        var fields = new JsonFields(merged.RootElement);
        var settings = EndpointInput.Read(fields);
        return fields.Problem is { } invalid
            ? (null, invalid)
            : (current with { Settings = settings, Disabling = EndpointChange.DisablingOf(settings.Disabled, current.Disabling, now) }, null);
    }
}
