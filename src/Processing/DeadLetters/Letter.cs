using System.Text;
using System.Text.Json;
using Platform.Contracts.Identifiers;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.DeadLetters;

/// <summary>Where dead letters come from.</summary>
internal static class LetterSource
{
    public const string Jobs = "jobs";
    public const string Webhooks = "webhooks";
    public const string Events = "events";

    public static IReadOnlyList<string> All { get; } = [Jobs, Webhooks, Events];
}

internal static class LetterState
{
    public const string Dead = "dead";

    /// <summary>It was asked for, and the service that gave it up has not said yet how it went.</summary>
    public const string Redriving = "redriving";
    public const string Gone = "gone";
}

/// <summary>A dead letter as the API shows it, of any source.</summary>
internal sealed record Letter
{
    public required Guid Tenant { get; init; }
    public required Guid Id { get; init; }
    public required string Source { get; init; }
    public required string State { get; init; }
    public required DateTimeOffset DiedAt { get; init; }
    public required string Reason { get; init; }
    public required int Attempts { get; init; }

    /// <summary>Of the job or of the event.</summary>
    public required string Type { get; init; }

    public Guid? JobId { get; init; }
    public string? Queue { get; init; }
    public ReadOnlyMemory<byte> Errors { get; init; }

    public string? Topic { get; init; }
    public int? Partition { get; init; }
    public long? Offset { get; init; }
    public string? Group { get; init; }

    /// <summary>The event's key, or the delivery.</summary>
    public string? Subject { get; init; }
    public Guid? EventId { get; init; }
    public string? ExceptionType { get; init; }
    public int Deaths { get; init; }

    public string PublicId => TypeId.Format(IdPrefix.DeadLetter, Id);

    /// <summary>What it carries; only where one letter is shown.</summary>
    public LetterContent? Content { get; init; }

    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("id", PublicId);
        json.WriteString("source", Source);
        json.WriteString("state", State);
        json.WriteString("type", Type);
        json.WriteString("reason", Reason);
        json.WriteNumber("attempts", Attempts);
        json.WriteString("died_at", Rfc3339.Format(DiedAt));
        switch (Source)
        {
            case LetterSource.Jobs:
                json.WriteString("job_id", TypeId.Format(IdPrefix.Job, JobId!.Value));
                json.WriteString("queue", Queue);
                json.WriteRaw("errors", Errors);
                break;
            case LetterSource.Events:
                json.WriteNumber("deaths", Deaths);
                json.WriteString("event_id", TypeId.Format(IdPrefix.Event, EventId!.Value));
                json.WriteString("topic", Topic);
                json.WriteNumber("partition", Partition!.Value);
                json.WriteNumber("offset", Offset!.Value);
                json.WriteString("group", Group);
                json.WriteString("key", Subject);
                json.WriteString("exception_type", ExceptionType);
                break;
            default:
                json.WriteNumber("deaths", Deaths);
                json.WriteString("event_id", TypeId.Format(IdPrefix.Event, EventId!.Value));
                json.WriteString("delivery_id", Subject);
                break;
        }

        Content?.WriteTo(json);
        json.WriteEndObject();
    }
}

/// <summary>Headers and the head of the payload.</summary>
/// <param name="Size">Bytes that the payload has in all.</param>
internal sealed record LetterContent(string Headers, ReadOnlyMemory<byte> Payload, int Size)
{
    /// <summary>Bytes of a payload that are kept here; all of it stays with the service that gave the event up.</summary>
    public const int MaxPayload = 64 * 1024;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteRaw("headers", Encoding.UTF8.GetBytes(Headers));
        json.WriteNumber("payload_size", Size);
        json.WriteBoolean("payload_truncated", Payload.Length < Size);
        if (Payload.Length == Size && IsJson(Payload))
        {
            json.WriteRaw("payload", Payload);
            return;
        }

        try
        {
            json.WriteString("payload_text", Strict.GetString(Payload.Span));
        }
        catch (DecoderFallbackException)
        {
            json.WriteBase64String("payload_base64", Payload.Span);
        }
    }

    private static bool IsJson(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
