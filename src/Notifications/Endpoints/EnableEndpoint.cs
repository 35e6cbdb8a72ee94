using Platform.ServiceDefaults.Idempotency;

namespace Platform.Notifications.Endpoints;

/// <summary><c>POST /v1/webhook-endpoints/{id}:enable</c>: sends again, whoever or whatever disabled it.</summary>
internal static class EnableEndpoint
{
    public static async Task<IResult> HandleAsync(string id, HttpContext http, NotificationsDatabase database, TimeProvider clock)
    {
        if (!EndpointInput.TryId(id, out var key))
        {
            return EndpointInput.NotFound();
        }

        var (write, badKey) = WriteRequest.Of(http);
        return badKey ?? await EndpointChange.RunAsync(http, database, clock, write, key,
            (current, _) => (current with { Settings = current.Settings with { Disabled = false }, Disabling = null }, null));
    }
}
