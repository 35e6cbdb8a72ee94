using Platform.Contracts.Identifiers;
using Platform.Notifications.Deliveries;
using Platform.Notifications.Endpoints;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Notifications.Replays;

/// <summary>
/// <c>POST /v1/deliveries:redeliver {endpoint_id?, state?, error?, since?, until?}</c>: 202. Finished deliveries start anew, in the background. Those of
/// endpoints that are deleted or disabled are left alone.
/// </summary>
internal static class RedeliverMany
{
    /// <summary>What is pending is on its way.</summary>
    public static readonly IReadOnlyList<string> States = [DeliveryState.Failed, DeliveryState.Disabled, DeliveryState.Succeeded];

    public static async Task<IResult> HandleAsync(HttpContext http, NotificationsDatabase database, TimeProvider clock)
    {
        var (body, invalid) = await JsonBody.ReadAsync(http);
        if (body is null)
        {
            return invalid!;
        }

        using (body)
        {
            var now = Rfc3339.Now(clock);
            var fields = body.Fields;
            var endpoint = EndpointId(fields);
            var state = fields.OptionalString("state") ?? DeliveryState.Failed;
            if (!States.Contains(state))
            {
                fields.Fault("state", "invalid_value", $"'state' is one of {string.Join(", ", States)}.");
            }

            var error = fields.OptionalString("error", max: 64);
            if (error is not null && state == DeliveryState.Succeeded)
            {
                fields.Fault("error", "invalid_value", "What succeeded has no error.");
            }

            var (since, until) = ReplayInput.Times(fields, now);
            if (fields.Problem is { } problem)
            {
                return problem;
            }

            var (write, badKey) = WriteRequest.Of(http, body.Root);
            var replay = new Replay(write.Tenant, TypeId.New(clock), endpoint, ReplaySource.Deliveries, since, until)
            {
                DeliveryState = state, Error = error, CreatedAt = now,
            };
            return badKey ?? await Writes.TransactAsync(database, write, RequestId.Of(http), async transaction =>
            {
                if (endpoint is { } one && await WhyNotAsync(transaction, one, http.RequestAborted) is { } refused)
                {
                    return refused;
                }

                return await ReplayRows.AddAsync(transaction, replay, http.RequestAborted) as IResult ?? replay.Answer(StatusCodes.Status202Accepted);
            }, http.RequestAborted);
        }
    }

    private static async Task<Problem?> WhyNotAsync(WriteTransaction transaction, Guid endpoint, CancellationToken cancellationToken) =>
        await EndpointRows.LockAsync(transaction, endpoint, cancellationToken) switch
        {
            null => EndpointInput.NotFound(),
            { Disabling: not null } => TestEndpoint.IsDisabled(),
            _ => null,
        };

    private static Guid? EndpointId(JsonFields fields)
    {
        if (fields.OptionalString("endpoint_id") is not { } text)
        {
            return null;
        }

        if (EndpointInput.TryId(text, out var id))
        {
            return id;
        }

        fields.Fault("endpoint_id", "invalid_value", "This is not the id of a webhook endpoint.");
        return null;
    }
}
