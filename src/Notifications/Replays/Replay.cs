using System.Text.Json;
using Platform.Contracts.Identifiers;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Notifications.Replays;

/// <summary>Past events on their way to be sent again.</summary>
/// <param name="EndpointId">Null for all of the tenant's endpoints.</param>
internal sealed record Replay(Guid TenantId, Guid Id, Guid? EndpointId, string Source, DateTimeOffset? Since, DateTimeOffset Until)
{
    public bool OnlyFailed { get; init; }
    public bool OnlyMissing { get; init; }

    /// <summary>Patterns; null for every type.</summary>
    public IReadOnlyList<string>? EventTypes { get; init; }

    /// <summary>Deliveries in this state; null where that does not matter.</summary>
    public string? DeliveryState { get; init; }

    /// <summary>Deliveries that failed with this; null where that does not matter.</summary>
    public string? Error { get; init; }

    public string State { get; init; } = ReplayState.Running;

    /// <summary>Why it failed; null otherwise.</summary>
    public string? Reason { get; init; }

    /// <summary>Events or deliveries that were looked at, and those of them that were queued.</summary>
    public long Scanned { get; init; }
    public long Queued { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>How far it has come; the first is used among deliveries only.</summary>
    public (Guid Endpoint, Guid Id) After { get; init; }

    /// <summary>Deliveries of the last bit.</summary>
    public Guid[] InFlight { get; init; } = [];

    /// <summary>A caller named deliveries, not events.</summary>
    public bool IsRedelivery => Source == ReplaySource.Deliveries && !OnlyFailed;

    /// <summary><c>rpl_...</c></summary>
    public string PublicId => TypeId.Format(IdPrefix.Replay, Id);
    public string Location => "/v1/webhook-replays/" + PublicId;

    public static bool TryId(string text, out Guid id) => TypeId.TryParse(IdPrefix.Replay, text, out id);

    public static Problem NotFound() => KnownProblems.NotFound("replay");

    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("id", PublicId);
        json.WriteString("endpoint_id", EndpointId is { } endpoint ? TypeId.Format(IdPrefix.WebhookEndpoint, endpoint) : null);
        json.WriteString("state", State);
        json.WriteString("reason", Reason);
        json.WriteString("since", Since is { } since ? Rfc3339.Format(since) : null);
        json.WriteString("until", Rfc3339.Format(Until));
        json.WriteBoolean("only_failed", OnlyFailed);
        json.WriteBoolean("only_missing", OnlyMissing);
        json.WriteStartArray("event_types");
        foreach (var pattern in EventTypes ?? ["*"])
        {
            json.WriteStringValue(pattern);
        }

        json.WriteEndArray();
        json.WriteString("delivery_state", DeliveryState);
        json.WriteString("error", Error);
        json.WriteNumber("scanned", Scanned);
        json.WriteNumber("queued", Queued);
        json.WriteString("created_at", Rfc3339.Format(CreatedAt));
        json.WriteString("finished_at", FinishedAt is { } finished ? Rfc3339.Format(finished) : null);
        json.WriteEndObject();
    }

    public JsonAnswer Answer(int status) => new(status, FieldSelection.Write((json, _) => WriteTo(json), null)) { Location = Location };
}

/// <summary>What a replay goes through.</summary>
internal static class ReplaySource
{
    /// <summary>The tenant's events in order, whether the endpoint has a delivery of them or not.</summary>
    public const string Messages = "messages";

    /// <summary>Deliveries that are there.</summary>
    public const string Deliveries = "deliveries";
}

/// <summary>How far a replay has come.</summary>
internal static class ReplayState
{
    public const string Running = "running";

    /// <summary>All is queued, which is not to say delivered.</summary>
    public const string Finished = "finished";
    public const string Cancelled = "cancelled";

    /// <summary>Its endpoint was deleted or disabled.</summary>
    public const string Failed = "failed";

    public static readonly IReadOnlyList<string> All = [Running, Finished, Cancelled, Failed];
}
