using System.Text.Json;
using System.Text.Unicode;
using Npgsql;
using NpgsqlTypes;
using Platform.Eventing.Consumers;

namespace Platform.CoreApi.Feed;

/// <summary>
/// Writes each event into the feed of its tenant and numbers it, one statement a batch. Heads are bumped in the order of tenants, so that two instances
/// never wait for each other in a circle, and stay locked until the commit: positions become visible in their order.
/// </summary>
/// <remarks>
/// The group waits for the disk: readers were told a position once it is visible, and a crash of the server must not give it to another event. The inbox
/// drops duplicates; a unique index could not, because days are partitions of the time of recording.
/// </remarks>
internal sealed class RecordEvents(FeedHub hub) : IEventHandler
{
    public const string Group = "core.feed";

    private const string Insert = """
        WITH head AS (
            INSERT INTO core.feed_head AS h (tenant_id, position)
            SELECT tenant_id, count(*) FROM unnest($1::uuid[]) AS e (tenant_id) GROUP BY tenant_id ORDER BY tenant_id
            ON CONFLICT (tenant_id) DO UPDATE SET position = h.position + excluded.position
            RETURNING tenant_id, position
        ), event AS (
            SELECT e.*, count(*) OVER (PARTITION BY tenant_id) - row_number() OVER (PARTITION BY tenant_id ORDER BY nth) AS later
            FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::jsonb[], $6::timestamptz[], $7::bytea[]) WITH ORDINALITY
                AS e (tenant_id, event_id, type, subject, labels, occurred_at, data, nth)
        )
        INSERT INTO core.feed_event (tenant_id, position, event_id, type, subject, labels, occurred_at, recorded_at, data)
        SELECT e.tenant_id, h.position - e.later, e.event_id, e.type, e.subject, e.labels, e.occurred_at, clock_timestamp(), e.data
        FROM event e JOIN head h USING (tenant_id)
        """;

    public async Task HandleAsync(ConsumerBatch batch, CancellationToken cancellationToken)
    {
        var events = batch.Events;
        var labels = new string?[events.Count];
        for (var i = 0; i < events.Count; i++)
        {
            labels[i] = ReadLabels(events[i]);
        }

        await using var insert = new NpgsqlCommand(Insert, batch.Connection)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid[]> { TypedValue = [.. events.Select(e => e.TenantId)] },
                new NpgsqlParameter<Guid[]> { TypedValue = [.. events.Select(e => e.Id)] },
                new NpgsqlParameter<string[]> { TypedValue = [.. events.Select(e => e.Type)] },
                new NpgsqlParameter<string[]> { TypedValue = [.. events.Select(e => e.Subject)] },
                new() { Value = labels, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb },
                new NpgsqlParameter<DateTime[]> { TypedValue = [.. events.Select(e => e.Time.UtcDateTime)] },
                new NpgsqlParameter<byte[][]> { TypedValue = [.. events.Select(e => OnOneLine(e.Record.Payload))] },
            },
        };
        await insert.ExecuteNonQueryAsync(cancellationToken);
        batch.AfterCommit(hub.Wake);
    }

    /// <summary>
    /// The labels of the event's data as JSON; null for none. Data goes to clients as it is, so what is no JSON is refused here: it would break every stream.
    /// </summary>
    internal static string? ReadLabels(ReceivedEvent received)
    {
        if (!Utf8.IsValid(received.Data.Span))
        {
            throw new PoisonEventException("The data of the event is not UTF-8.");
        }

        try
        {
            var reader = new Utf8JsonReader(received.Data.Span, new() { MaxDepth = 256 });
            reader.Read();
            var isObject = reader.TokenType == JsonTokenType.StartObject;
            string? labels = null;
            while (reader.Read())
            {
                if (isObject && reader is { CurrentDepth: 1, TokenType: JsonTokenType.PropertyName } && reader.ValueTextEquals("labels"u8))
                {
                    reader.Read();
                    labels = reader.TokenType == JsonTokenType.StartObject ? ReadMap(ref reader) : null;
                }
            }

            return labels;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new PoisonEventException("The data of the event is no JSON: " + e.Message, e);
        }
    }

    private static string? ReadMap(ref Utf8JsonReader reader)
    {
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            if (reader.TokenType == JsonTokenType.String)
            {
                map[name] = reader.GetString()!;
            }
            else
            {
                reader.Skip();
            }
        }

        return map.Count == 0 ? null : JsonSerializer.Serialize(map);
    }

    /// <summary>A line break between the tokens of JSON means nothing there, and ends a field of an event stream. Within a string it is always escaped.</summary>
    private static byte[] OnOneLine(byte[] json)
    {
        if (json.AsSpan().IndexOfAny((byte)'\n', (byte)'\r') < 0)
        {
            return json;
        }

        var line = (byte[])json.Clone();
        line.AsSpan().Replace((byte)'\n', (byte)' ');
        line.AsSpan().Replace((byte)'\r', (byte)' ');
        return line;
    }
}
