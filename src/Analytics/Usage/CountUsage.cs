using System.Text.Json;
using Platform.Contracts.Events;
using Platform.Contracts.Identifiers;
using Platform.Eventing.Consumers;

namespace Platform.Analytics.Usage;

/// <summary>Counts events by type, job events by queue as well, and the API requests that services report.</summary>
internal sealed class CountUsage(AnalyticsDatabase database) : IEventHandler
{
    public async Task HandleAsync(ConsumerBatch batch, CancellationToken cancellationToken)
    {
        var counts = new UsageCounts();
        foreach (var received in batch.Events)
        {
            if (received.Type == EventTypes.ApiUsage)
            {
                AddRequests(counts, received);
                continue;
            }

            counts.Add(received.TenantId, Dimension.Type, received.Time, received.Type, 1);
            if (received.Type.StartsWith("job.", StringComparison.Ordinal) && QueueOf(received.Data.Span) is { } queue)
            {
                counts.Add(received.TenantId, Dimension.Queue, received.Time, queue, 1);
            }
        }

        await counts.WriteAsync(batch.Connection, database.Schema, cancellationToken);
    }

    private static void AddRequests(UsageCounts counts, ReceivedEvent received)
    {
        ApiUsage usage;
        try
        {
            usage = received.Read<ApiUsage>();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // A report that cannot be read counts nothing; waiting for it would hold up the tenant's next ones.
            return;
        }

        foreach (var request in usage.Requests.Where(r => r.Count > 0))
        {
            if (TypeId.TryParse(IdPrefix.ApiKey, request.ApiKey, out _))
            {
                counts.Add(received.TenantId, Dimension.ApiKey, received.Time, request.ApiKey, request.Count);
            }

            counts.Add(received.TenantId, Dimension.Status, received.Time, request.Status.ToString(), request.Count);
        }
    }

    /// <summary>The top-level <c>queue</c>; null where there is none or the data is no JSON. Reads no further than it must.</summary>
    private static string? QueueOf(ReadOnlySpan<byte> data)
    {
        var reader = new Utf8JsonReader(data, new JsonReaderOptions { MaxDepth = 256 });
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return null;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var found = reader.ValueTextEquals("queue"u8);
                reader.Read();
                if (found)
                {
                    return reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
                }

                reader.Skip();
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Counted by its type alone.
        }

        return null;
    }
}
