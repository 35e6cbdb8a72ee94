using Platform.Contracts.Events;
using Platform.Contracts.Identifiers;
using Platform.Notifications.Endpoints;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Notifications.Replays;

/// <summary>
/// <c>POST /v1/webhook-endpoints/{id}:replay {since, until?, only_failed?, only_missing?, event_types?}</c>: 202. What the endpoint would want of
/// that time is sent once more, in the background.
/// </summary>
internal static class ReplayEndpoint
{
    public static async Task<IResult> HandleAsync(string id, HttpContext http, NotificationsDatabase database, TimeProvider clock)
    {
        if (!EndpointInput.TryId(id, out var key))
        {
            return EndpointInput.NotFound();
        }

        var (body, invalid) = await JsonBody.ReadAsync(http);
        if (body is null)
        {
            return invalid!;
        }

        using (body)
        {
            var now = Rfc3339.Now(clock);
            var fields = body.Fields;
            var (since, until) = ReplayInput.Times(fields, now);
            if (since is null && !fields.Has("since"))
            {
                fields.Fault("since", "required", "'since' is required: the time of the first event.");
            }

            var (onlyFailed, onlyMissing) = (fields.OptionalBool("only_failed") ?? false, fields.OptionalBool("only_missing") ?? false);
            var types = ReplayInput.EventTypes(fields);
            if (fields.Problem is { } problem)
            {
                return problem;
            }

            var (write, badKey) = WriteRequest.Of(http, body.Root);

            // What failed has an index of its own.
            var isFailedOnly = onlyFailed && !onlyMissing;
            var replay = new Replay(write.Tenant, TypeId.New(clock), key, isFailedOnly ? ReplaySource.Deliveries : ReplaySource.Messages, since, until)
            {
                OnlyFailed = onlyFailed, OnlyMissing = onlyMissing, EventTypes = types, DeliveryState = isFailedOnly ? Deliveries.DeliveryState.Failed : null, CreatedAt = now,
            };
            return badKey ?? await Writes.TransactAsync(database, write, RequestId.Of(http), async transaction =>
                await EndpointRows.LockAsync(transaction, key, http.RequestAborted) switch
                {
                    null => EndpointInput.NotFound(),
                    { Disabling: not null } => TestEndpoint.IsDisabled(),
                    _ => await ReplayRows.AddAsync(transaction, replay, http.RequestAborted) as IResult ?? replay.Answer(StatusCodes.Status202Accepted),
                }, http.RequestAborted);
        }
    }
}

/// <summary>What replays have in common.</summary>
internal static class ReplayInput
{
    /// <summary>A time span that ends now at the latest.</summary>
    public static (DateTimeOffset? Since, DateTimeOffset Until) Times(JsonFields fields, DateTimeOffset now)
    {
        var since = fields.OptionalTime("since");
        var until = fields.OptionalTime("until") ?? now;
        until = until > now ? now : until;
        if (since >= until)
        {
            fields.Fault("since", "invalid_value", "'since' must be before 'until', and in the past.");
        }

        return (since, until);
    }

    public static IReadOnlyList<string>? EventTypes(JsonFields fields)
    {
        var patterns = fields.OptionalStringList("event_types", maxItems: 100, maxLength: 128);
        for (var i = 0; i < (patterns?.Count ?? 0); i++)
        {
            if (!EventTypePattern.IsValid(patterns![i]))
            {
                fields.Fault("event_types", i, "invalid_format", $"'{patterns[i]}' is no event type such as resource.created, resource.* or *.");
            }
        }

        return patterns is { Count: > 0 } ? patterns : null;
    }
}
