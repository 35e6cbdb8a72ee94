using System.Text;
using System.Text.Json;
using Platform.Contracts.Events;
using Platform.Contracts.Identifiers;
using Platform.Eventing.Consumers;

namespace Platform.Analytics.Search;

/// <summary>
/// Makes documents of an event: itself, and the resource it carries. Reads what it finds and expects nothing: an event of an unknown
/// type is a document like any other, one whose data is no JSON is found by its type and subject.
/// </summary>
internal static class EventDocument
{
    /// <summary>Characters of a document that are searched; the rest is not.</summary>
    public const int MaxBody = 64 * 1024;

    /// <summary>Characters of JSON that a hit shows; longer data is fetched by its id.</summary>
    public const int MaxSource = 8 * 1024;

    private const int MaxLabels = 64;
    private const int MaxLabelLength = 400;
    private const int MaxName = 200;
    private static readonly JsonDocumentOptions Lenient = new() { MaxDepth = 256 };

    public static IEnumerable<SearchDocument> Of(ReceivedEvent received)
    {
        using var data = Parse(received.Data);
        var root = data?.RootElement ?? default;
        yield return new()
        {
            Tenant = received.TenantId,
            Kind = SearchKind.Event,
            Id = received.Id,
            Version = 1,
            Type = Shorten(Clean(received.Type), MaxName),
            Subject = Shorten(Clean(received.Subject), MaxName),
            Labels = LabelsOf(root),
            Body = BodyOf(root),
            Source = data is null ? null : SourceOf(root),
            CreatedAt = received.Time,
            UpdatedAt = received.Time,
        };
        if (received.Type is EventTypes.ResourceCreated or EventTypes.ResourceUpdated or EventTypes.ResourceRestored or EventTypes.ResourceDeleted
            && ResourceOf(received, root) is { } resource)
        {
            yield return resource;
        }
    }

    private static SearchDocument? ResourceOf(ReceivedEvent received, JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object
            || !TypeId.TryParse(IdPrefix.Resource, TextOf(root, "id"), out var id)
            || TextOf(root, "type") is not { } type
            || !root.TryGetProperty("version", out var number) || number.ValueKind != JsonValueKind.Number || !number.TryGetInt64(out var version))
        {
            return null;
        }

        var deleted = received.Type == EventTypes.ResourceDeleted;
        var data = !deleted && root.TryGetProperty("data", out var value) ? value : default;
        return new()
        {
            Tenant = received.TenantId,
            Kind = SearchKind.Resource,
            Id = id,
            Version = version,
            Deleted = deleted,
            Type = deleted ? "" : Shorten(type, MaxName),
            Labels = deleted ? new Dictionary<string, string>(StringComparer.Ordinal) : LabelsOf(root),
            Body = BodyOf(data),
            Source = data.ValueKind == JsonValueKind.Undefined ? null : SourceOf(data),
            CreatedAt = TimeOf(root, "created_at") ?? received.Time,
            UpdatedAt = TimeOf(root, "updated_at") ?? received.Time,
        };
    }

    private static JsonDocument? Parse(ReadOnlyMemory<byte> data)
    {
        try
        {
            return JsonDocument.Parse(data, Lenient);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? SourceOf(JsonElement element) =>
        element.GetRawText() is { Length: <= MaxSource } raw ? raw : null;

    /// <summary>Every text value, a line each, as far as it fits.</summary>
    private static string BodyOf(JsonElement root)
    {
        var body = new StringBuilder();
        Collect(root, body);
        return body.ToString();
    }

    private static void Collect(JsonElement element, StringBuilder body)
    {
        if (body.Length >= MaxBody)
        {
            return;
        }

        switch (element.ValueKind)
        {
            case JsonValueKind.String when TryGetText(element) is { Length: > 0 } text:
                if (body.Length > 0)
                {
                    body.Append('\n');
                }

                body.Append(Shorten(text, Math.Max(0, MaxBody - body.Length)));
                break;
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject())
                {
                    Collect(property.Value, body);
                }

                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                {
                    Collect(item, body);
                }

                break;
        }
    }

    private static Dictionary<string, string> LabelsOf(JsonElement root)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("labels", out var element) || element.ValueKind != JsonValueKind.Object)
        {
            return labels;
        }

        foreach (var label in element.EnumerateObject())
        {
            if (labels.Count < MaxLabels && TryGetName(label) is { Length: > 0 and <= MaxLabelLength } name
                && TryGetText(label.Value) is { Length: <= MaxLabelLength } value)
            {
                labels[name] = value;
            }
        }

        return labels;
    }

    private static string? TextOf(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) ? TryGetText(value) : null;

    private static DateTimeOffset? TimeOf(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.TryGetDateTimeOffset(out var time)
            ? time.ToUniversalTime() : null;

    private static string? TryGetText(JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? Clean(value.GetString()!) : null;
        }
        catch (InvalidOperationException)
        {
            // Not UTF-8, or a lone surrogate: no text that can be stored or found.
            return null;
        }
    }

    private static string? TryGetName(JsonProperty property)
    {
        try
        {
            return Clean(property.Name);
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Control characters, line ends among them, become spaces: PostgreSQL cannot store U+0000, and a line is one text.</summary>
    private static string Clean(string text) =>
        text.AsSpan().ContainsAnyInRange('\0', '\x1f')
            ? string.Create(text.Length, text, static (chars, source) =>
            {
                source.CopyTo(chars);
                foreach (ref var c in chars)
                {
                    c = c < ' ' ? ' ' : c;
                }
            })
            : text;

    private static string Shorten(string text, int max) =>
        text.Length <= max ? text : text[..(max > 0 && char.IsHighSurrogate(text[max - 1]) ? max - 1 : max)];
}
