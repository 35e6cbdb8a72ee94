using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Platform.Contracts.Identifiers;
using Platform.Notifications.Matching;
using Platform.Notifications.Signing;
using Platform.ServiceDefaults.Requests;

namespace Platform.Notifications.Endpoints;

/// <summary>What a caller decides about an endpoint.</summary>
/// <param name="RateLimit">Attempts a second at most; null for no limit.</param>
/// <param name="Headers">Sent with every attempt.</param>
internal sealed record EndpointSettings(
    string Url, EndpointFilter Filter, string? Description, int? RateLimit, IReadOnlyDictionary<string, string> Headers, bool Disabled)
{
    /// <summary>For a whole attempt; null for the platform's own.</summary>
    public int? TimeoutSeconds { get; init; }

    /// <summary>One of <see cref="EndpointOrdering"/>.</summary>
    public string Ordering { get; init; } = EndpointOrdering.None;

    /// <summary>One of <see cref="EndpointPayload"/>.</summary>
    public string Payload { get; init; } = EndpointPayload.Full;

    /// <summary>One of <see cref="SignatureScheme"/>.</summary>
    public string Signature { get; init; } = SignatureScheme.Shared;
}

/// <summary>Which of an endpoint's deliveries wait for others.</summary>
internal static class EndpointOrdering
{
    public const string None = "none";

    /// <summary>A delivery starts when the one before about the same subject has succeeded or finally failed.</summary>
    public const string Subject = "subject";

    public static readonly IReadOnlyList<string> All = [None, Subject];
}

/// <summary>What an endpoint is told of an event.</summary>
internal static class EndpointPayload
{
    public const string Full = "full";

    /// <summary>Where to read it, without its data.</summary>
    public const string Thin = "thin";

    public static readonly IReadOnlyList<string> All = [Full, Thin];
}

/// <summary>Since when and why nothing is sent.</summary>
internal sealed record Disabling(DateTimeOffset At, string Reason)
{
    /// <summary>A caller said so.</summary>
    public const string Manual = "manual";

    /// <summary>The receiver answered 410.</summary>
    public const string Gone = "gone";

    /// <summary>Nothing but failures, for days.</summary>
    public const string Failing = "failing";
}

/// <summary>A place that webhooks are sent to, without its secret.</summary>
internal sealed record WebhookEndpoint(
    Guid Id, EndpointSettings Settings, Disabling? Disabling, long Version, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    /// <summary>What <c>fields=</c> can select.</summary>
    public static readonly IReadOnlySet<string> FieldNames = new HashSet<string>(
        ["id", "url", "event_types", "labels", "filter", "description", "rate_limit", "timeout", "ordering", "payload", "signature", "public_key", "headers",
            "disabled", "disabled_at", "disabled_reason", "health", "version", "created_at", "updated_at"], StringComparer.Ordinal);

    public static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>What a receiver verifies with; null where that is a secret.</summary>
    public string? PublicKey { get; init; }

    public EndpointHealth Health { get; init; } = EndpointHealth.New;

    /// <summary><c>whe_...</c></summary>
    public string PublicId { get; } = TypeId.Format(IdPrefix.WebhookEndpoint, Id);

    /// <summary>The path under which it is read.</summary>
    public string Location => "/v1/webhook-endpoints/" + PublicId;

    /// <summary>The document, UTF-8; with the secret where it is to be shown.</summary>
    public byte[] ToJson(WebhookSecret? secret = null, DateTimeOffset? previousUntil = null)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, Writing))
        {
            json.WriteStartObject();
            WriteFields(json, fields: null);
            if (secret?.ToText() is { } text)
            {
                json.WriteString("secret", text);
            }

            if (previousUntil is { } until)
            {
                json.WriteString("previous_secret_expires_at", Rfc3339.Format(until));
            }

            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Writes the document, or only some of its fields.</summary>
    public void WriteTo(Utf8JsonWriter json, IReadOnlySet<string>? fields)
    {
        json.WriteStartObject();
        WriteFields(json, fields);
        json.WriteEndObject();
    }

    /// <summary>The fields that a caller can change, as one document: what a merge patch is applied to.</summary>
    public byte[] SettingsJson() => FieldSelection.Write(WriteTo, EndpointInput.FieldNames);

    private void WriteFields(Utf8JsonWriter json, IReadOnlySet<string>? fields)
    {
        void Write(string name, Action<string> write)
        {
            if (fields is null || fields.Contains(name))
            {
                write(name);
            }
        }

        Write("id", name => json.WriteString(name, PublicId));
        Write("url", name => json.WriteString(name, Settings.Url));
        Write("event_types", name =>
        {
            json.WriteStartArray(name);
            foreach (var pattern in Settings.Filter.EventTypes)
            {
                json.WriteStringValue(pattern);
            }

            json.WriteEndArray();
        });
        Write("labels", name => WriteMap(json, name, Settings.Filter.Labels));
        Write("filter", name =>
        {
            if (Settings.Filter.ConditionJson is { } condition)
            {
                json.WritePropertyName(name);
                json.WriteRawValue(condition, skipInputValidation: true);
            }
            else
            {
                json.WriteNull(name);
            }
        });
        Write("description", name => json.WriteString(name, Settings.Description));
        Write("rate_limit", name => WriteNumber(json, name, Settings.RateLimit));
        Write("timeout", name => WriteNumber(json, name, Settings.TimeoutSeconds));
        Write("ordering", name => json.WriteString(name, Settings.Ordering));
        Write("payload", name => json.WriteString(name, Settings.Payload));
        Write("signature", name => json.WriteString(name, Settings.Signature));
        Write("public_key", name => json.WriteString(name, PublicKey));
        Write("headers", name => WriteMap(json, name, Settings.Headers));
        Write("disabled", name => json.WriteBoolean(name, Disabling is not null));
        Write("disabled_at", name => json.WriteString(name, Disabling is { } d ? Rfc3339.Format(d.At) : null));
        Write("disabled_reason", name => json.WriteString(name, Disabling?.Reason));
        Write("health", name => Health.WriteTo(json, name));
        Write("version", name => json.WriteNumber(name, Version));
        Write("created_at", name => json.WriteString(name, Rfc3339.Format(CreatedAt)));
        Write("updated_at", name => json.WriteString(name, Rfc3339.Format(UpdatedAt)));
    }

    private static void WriteMap(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, string> map)
    {
        json.WriteStartObject(name);
        foreach (var (key, value) in map.OrderBy(m => m.Key, StringComparer.Ordinal))
        {
            json.WriteString(key, value);
        }

        json.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, int? number)
    {
        if (number is { } value)
        {
            json.WriteNumber(name, value);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
