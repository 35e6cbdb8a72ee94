using System.Text.Json;
using Platform.Contracts.Identifiers;
using Platform.ServiceDefaults.Requests;

namespace Platform.ServiceDefaults.Feed;

/// <summary>
/// An event as clients see it: <c>{id, type, subject, time, position, data}</c>, the same document in lists, on every stream and by its id.
/// Shared by all who read it, and written once for each form of the wire.
/// </summary>
/// <param name="Position">Dense per organization: 1, 2, 3, ...</param>
/// <param name="Subject">What it is about: <c>res_...</c>.</param>
/// <param name="Data">A JSON value in UTF-8, without line breaks.</param>
/// <param name="Labels">Those of its data; empty for most kinds of events.</param>
/// <param name="RecordedAt">When it got its position.</param>
public sealed record FeedEvent(
    long Position, Guid Id, string Type, string Subject, DateTimeOffset Time, ReadOnlyMemory<byte> Data,
    IReadOnlyDictionary<string, string> Labels, DateTimeOffset RecordedAt)
{
    /// <summary>What <c>fields=</c> can select.</summary>
    public static readonly IReadOnlySet<string> FieldNames =
        new HashSet<string>(["id", "type", "subject", "time", "position", "data"], StringComparer.Ordinal);

    private static readonly IReadOnlyDictionary<string, string> NoLabels = new Dictionary<string, string>(StringComparer.Ordinal);

    private byte[]? _json;
    private byte[]? _sse;
    private byte[]? _messagePack;

    /// <summary><c>evt_...</c></summary>
    public string PublicId => TypeId.Format(IdPrefix.Event, Id);

    /// <summary>The document, UTF-8, on one line. Computed once; a race computes it twice.</summary>
    public ReadOnlyMemory<byte> Json => _json ??= FieldSelection.Write(WriteTo, fields: null);

    /// <summary>Kept for all readers, where a transport has a form of its own.</summary>
    public ReadOnlyMemory<byte> Sse(Func<FeedEvent, byte[]> write) => _sse ??= write(this);

    /// <summary>Kept for all readers, where a transport has a form of its own.</summary>
    public ReadOnlyMemory<byte> MessagePack(Func<FeedEvent, byte[]> write) => _messagePack ??= write(this);

    /// <summary>Labels as they are stored; null for none.</summary>
    public static IReadOnlyDictionary<string, string> ParseLabels(string? json) =>
        json is null ? NoLabels : JsonSerializer.Deserialize<Dictionary<string, string>>(json) ?? NoLabels;

    /// <summary>Writes the document, or only some of its fields.</summary>
    public void WriteTo(Utf8JsonWriter json, IReadOnlySet<string>? fields)
    {
        bool Wanted(string name) => fields is null || fields.Contains(name);

        json.WriteStartObject();
        if (Wanted("id"))
        {
            json.WriteString("id", PublicId);
        }

        if (Wanted("type"))
        {
            json.WriteString("type", Type);
        }

        if (Wanted("subject"))
        {
            json.WriteString("subject", Subject);
        }

        if (Wanted("time"))
        {
            json.WriteString("time", Rfc3339.Format(Time));
        }

        if (Wanted("position"))
        {
            json.WriteNumber("position", Position);
        }

        if (Wanted("data"))
        {
            json.WritePropertyName("data");
            json.WriteRawValue(Data.Span, skipInputValidation: true);
        }

        json.WriteEndObject();
    }
}
