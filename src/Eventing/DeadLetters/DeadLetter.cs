using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Platform.Contracts.Events;
using Platform.Contracts.Identifiers;
using Platform.Eventing.Consumers;
using Platform.Eventing.Outbox;
using Platform.Eventing.Streams;

namespace Platform.Eventing.DeadLetters;

/// <summary>An event that a group gives up, with the reason.</summary>
/// <param name="Id">Of the letter; kept through redrives.</param>
/// <param name="Engine">Of the stream whose offset the record has.</param>
/// <param name="Tried">How often its handler ran.</param>
/// <param name="Deaths">1 the first time.</param>
internal sealed record DeadLetter(Guid Id, StreamRecord Record, string Engine, string Group, Exception Error, int Tried, int Deaths)
{
    /// <summary>
    /// The event as it goes to its topic's dead letters: same key, partition and payload, its own headers and the story of its death. Null
    /// for an event of a topic that holds dead letters itself: it stays with its group only.
    /// </summary>
    /// <param name="service">Name of the service whose group it is.</param>
    public OutboxMessage? ToMessage(IReadOnlyList<Topic> topics, string service, DateTimeOffset diedAt) =>
        topics.Single(t => t.Name == Record.Topic).DeadLetters is { } topic
            ? OutboxMessage.Forward(Record.Id, topic, Record.Partition, Record.Key, Headers(service, diedAt), Record.Payload)
            : null;

    private string Headers(string service, DateTimeOffset diedAt)
    {
        var headers = ReadTexts(Record.Headers);
        Repair(headers, service, diedAt);
        headers[DeadLetterHeaders.Id] = TypeId.Format(IdPrefix.DeadLetter, Id);
        headers[DeadLetterHeaders.Topic] = Record.Topic;
        headers[DeadLetterHeaders.Partition] = Record.Partition.ToString(CultureInfo.InvariantCulture);
        headers[DeadLetterHeaders.Offset] = Record.Offset.ToString(CultureInfo.InvariantCulture);
        headers[DeadLetterHeaders.Timestamp] = diedAt.ToString("O", CultureInfo.InvariantCulture);
        headers[DeadLetterHeaders.Group] = Group;
        headers[DeadLetterHeaders.Attempts] = Tried.ToString(CultureInfo.InvariantCulture);
        headers[DeadLetterHeaders.Deaths] = Deaths.ToString(CultureInfo.InvariantCulture);
        headers[DeadLetterHeaders.ExceptionType] = ErrorText.Shorten(ErrorText.TypeOf(Error), ErrorText.MaxHeaderLength);
        headers[DeadLetterHeaders.ExceptionMessage] = ErrorText.Shorten(Error.Message, ErrorText.MaxHeaderLength);
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var (name, value) in headers)
            {
                json.WriteString(name, value);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Whoever reads the letters must be able to, so an envelope that cannot be read is completed. What it had right stays.</summary>
    private void Repair(Dictionary<string, string> headers, string service, DateTimeOffset diedAt)
    {
        try
        {
            ReceivedEvent.Parse(Record);
            return;
        }
        catch (Exception e) when (ReceivedEvent.IsUnreadable(e))
        {
            headers[DeadLetterHeaders.Envelope] = ErrorText.Shorten(e.Message, ErrorText.MaxHeaderLength);
        }

        var noTenant = TypeId.Format(IdPrefix.Organization, Guid.Empty);
        headers.TryAdd(HeaderNames.SpecVersion, "1.0");
        headers.TryAdd(HeaderNames.Id, TypeId.Format(IdPrefix.Event, Record.Id));
        headers.TryAdd(HeaderNames.Type, DeadLetterHeaders.UnreadableType);
        headers.TryAdd(HeaderNames.Source, "/platform/" + service);
        headers.TryAdd(HeaderNames.TenantId, noTenant);
        if (!TypeId.TryParse(IdPrefix.Organization, headers[HeaderNames.TenantId], out _))
        {
            headers[HeaderNames.TenantId] = noTenant;
        }

        // Times are read as JSON reads them.
        if (!headers.TryGetValue(HeaderNames.Time, out var time) || !DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var parsed))
        {
            parsed = diedAt;
        }

        headers[HeaderNames.Time] = parsed.ToString("O", CultureInfo.InvariantCulture);
    }

    /// <summary>The headers that are texts, in their order; the last of one name counts.</summary>
    private static Dictionary<string, string> ReadTexts(string headers)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            using var document = JsonDocument.Parse(headers);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                foreach (var property in document.RootElement.EnumerateObject())
                {
                    texts[property.Name] = property.Value.ValueKind == JsonValueKind.String ? property.Value.GetString()! : property.Value.GetRawText();
                }
            }
        }
        catch (Exception e) when (ReceivedEvent.IsUnreadable(e))
        {
            // What came before the fault stays.
        }

        return texts;
    }
}
