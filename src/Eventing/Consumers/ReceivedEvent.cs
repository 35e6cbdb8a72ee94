using System.Text;
using System.Text.Json;
using Platform.Contracts.Events;
using Platform.Contracts.Identifiers;
using Platform.Eventing.Outbox;
using Platform.Eventing.Streams;

namespace Platform.Eventing.Consumers;

/// <summary>An event in a consumer's hands.</summary>
public sealed class ReceivedEvent
{
    public required Guid Id { get; init; }

    /// <summary>Wire name: <c>resource.created</c>.</summary>
    public required string Type { get; init; }

    /// <summary>Who said it: <c>/platform/core</c>.</summary>
    public required string Source { get; init; }

    /// <summary>What it is about: <c>res_...</c>.</summary>
    public required string Subject { get; init; }
    public required Guid TenantId { get; init; }
    public required DateTimeOffset Time { get; init; }
    public string? TraceParent { get; init; }

    /// <summary>The record it came in, with topic, partition, offset and key.</summary>
    public required StreamRecord Record { get; init; }

    /// <summary>The event's data, JSON in UTF-8.</summary>
    public ReadOnlyMemory<byte> Data => Record.Payload;

    /// <summary>The data as the declared event.</summary>
    /// <exception cref="JsonException">It is not this event.</exception>
    public TEvent Read<TEvent>()
        where TEvent : IEvent => EventJson.Deserialize<TEvent>(Record.Payload);

    /// <summary>True for what <see cref="Parse"/> throws at a broken envelope.</summary>
    internal static bool IsUnreadable(Exception e) => e is JsonException or InvalidOperationException or FormatException;

    /// <summary>Reads the envelope of an event that shall be handled: a broken one is poison, no attempt mends it.</summary>
    /// <exception cref="PoisonEventException">The envelope cannot be read.</exception>
    internal static ReceivedEvent Open(StreamRecord record)
    {
        try
        {
            return Parse(record);
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            throw new PoisonEventException("The envelope cannot be read: " + e.Message, e);
        }
    }

    /// <summary>Reads the envelope.</summary>
    /// <exception cref="JsonException">The headers are not a flat object of strings with the mandatory attributes.</exception>
    public static ReceivedEvent Parse(StreamRecord record)
    {
        string? type = null, source = null, subject = null, tenant = null, trace = null;
        DateTimeOffset? time = null;
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(record.Headers));
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            reader.Read();
            switch (name)
            {
                case HeaderNames.Type: type = reader.GetString(); break;
                case HeaderNames.Source: source = reader.GetString(); break;
                case HeaderNames.Subject: subject = reader.GetString(); break;
                case HeaderNames.TenantId: tenant = reader.GetString(); break;
                case HeaderNames.TraceParent: trace = reader.GetString(); break;
                case HeaderNames.Time: time = reader.TryGetDateTimeOffset(out var t) ? t : throw new JsonException("ce_time is not RFC 3339."); break;
                default: reader.Skip(); break;
            }
        }

        return new()
        {
            Id = record.Id,
            Type = type ?? throw new JsonException("ce_type is missing."),
            Source = source ?? throw new JsonException("ce_source is missing."),
            Subject = subject ?? record.Key,
            TenantId = TypeId.TryParse(IdPrefix.Organization, tenant, out var id) ? id : throw new JsonException("ce_tenantid is missing or not an org_ identifier."),
            Time = time ?? throw new JsonException("ce_time is missing."),
            TraceParent = trace,
            Record = record,
        };
    }
}
