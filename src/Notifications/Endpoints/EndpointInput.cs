using System.Text.Json;
using Platform.Contracts.Events;
using Platform.Contracts.Identifiers;
using Platform.Notifications.Matching;
using Platform.Notifications.Signing;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Notifications.Endpoints;

/// <summary>The rules for what an endpoint may be, the same for creating and patching.</summary>
internal static class EndpointInput
{
    public static readonly IReadOnlySet<string> FieldNames =
        new HashSet<string>(["url", "event_types", "labels", "description", "rate_limit", "headers", "disabled", "filter", "timeout", "ordering", "payload", "signature"], StringComparer.Ordinal);

    private const int MaxUrl = 2048;
    private const int MaxRate = 10_000;
    public const int MaxTimeoutSeconds = 30;
    public const int MaxFilter = 8192;

    public static EndpointSettings Read(JsonFields fields) => new(
        Url(fields),
        Filter(fields),
        fields.OptionalString("description", max: 1024, min: 0),
        fields.OptionalInt("rate_limit", 1, MaxRate),
        Headers(fields),
        fields.OptionalBool("disabled") ?? false)
    {
        TimeoutSeconds = fields.OptionalInt("timeout", 1, MaxTimeoutSeconds),
        Ordering = OneOf(fields, "ordering", EndpointOrdering.All),
        Payload = OneOf(fields, "payload", EndpointPayload.All),
        Signature = Signature(fields),
    };

    /// <summary>The id of a path; what is not one of ours is not there.</summary>
    public static bool TryId(string text, out Guid id) => TypeId.TryParse(IdPrefix.WebhookEndpoint, text, out id);

    public static Problem NotFound() => KnownProblems.NotFound("webhook endpoint");

    /// <summary>Where the address leads is judged when it is connected to: a name can lead elsewhere by then.</summary>
    private static string Url(JsonFields fields)
    {
        var text = fields.RequiredString("url", MaxUrl);
        if (text.Length == 0)
        {
            return text;
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps)
            || url.Host.Length == 0 || text.Any(c => c <= ' ' || c == '\x7f'))
        {
            fields.Fault("url", "invalid_url", "'url' must be an absolute http or https address.");
        }
        else if (url.UserInfo.Length > 0)
        {
            fields.Fault("url", "invalid_url", "'url' may hold no user name or password: use 'headers'.");
        }
        else if (url.Fragment.Length > 0 || text.Contains('#', StringComparison.Ordinal))
        {
            fields.Fault("url", "invalid_url", "'url' may have no fragment.");
        }

        return text;
    }

    private static EndpointFilter Filter(JsonFields fields)
    {
        var filter = new EndpointFilter(EventTypes(fields), fields.OptionalStringMap("labels"));
        var condition = fields.OptionalValue("filter");
        if (condition.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
        {
            return filter;
        }

        var json = condition.GetRawText();
        if (json.Length > MaxFilter)
        {
            fields.Fault("filter", "invalid_length", $"'filter' may have {MaxFilter} characters.");
        }

        return filter with { ConditionJson = json, Condition = EventCondition.Read(condition, "/filter", fields.FaultAt) };
    }

    private static string Signature(JsonFields fields)
    {
        var scheme = OneOf(fields, "signature", SignatureScheme.All);
        if (scheme == SignatureScheme.PublicKey && !Ed25519.IsAvailable)
        {
            fields.Fault("signature", "not_supported", "This installation cannot sign with v1a: it finds no OpenSSL.");
        }

        return scheme;
    }

    /// <summary>The first one where the field is not there.</summary>
    private static string OneOf(JsonFields fields, string name, IReadOnlyList<string> values)
    {
        var value = fields.OptionalString(name, max: 32);
        if (value is not null && !values.Contains(value))
        {
            fields.Fault(name, "invalid_value", $"'{name}' is one of {string.Join(", ", values)}.");
        }

        return value ?? values[0];
    }

    private static IReadOnlyList<string> EventTypes(JsonFields fields)
    {
        var patterns = fields.OptionalStringList("event_types", maxItems: 100, maxLength: 128);
        if (patterns is null || patterns.Count == 0)
        {
            return [EventTypePattern.All];
        }

        for (var i = 0; i < patterns.Count; i++)
        {
            if (!EventTypePattern.IsValid(patterns[i]))
            {
                fields.Fault("event_types", "invalid_format", $"'{patterns[i]}' is no event type such as resource.created, resource.* or *.");
            }
        }

        return [.. patterns.Distinct(StringComparer.Ordinal)];
    }

    private static IReadOnlyDictionary<string, string> Headers(JsonFields fields)
    {
        var headers = fields.OptionalStringMap("headers", maxEntries: 32, maxKey: 128, maxValue: 4096);
        foreach (var name in headers.Where(h => CustomHeader.WhyNot(h.Key, h.Value) is not null).Select(h => h.Key))
        {
            fields.Fault("headers", "invalid_header", CustomHeader.WhyNot(name, headers[name])!);
        }

        if (headers.Keys.Distinct(StringComparer.OrdinalIgnoreCase).Count() != headers.Count)
        {
            fields.Fault("headers", "invalid_header", "Header names differ in more than case.");
        }

        return headers;
    }
}
