using System.Text.Json;
using Platform.Eventing.WorkQueues;

namespace Platform.Processing.Queues;

/// <summary>Limits of a tenant in a queue, as they are written.</summary>
internal sealed record QueueLimits(int? Concurrency, WorkRate? Rate)
{
    public const int MaxConcurrency = 10_000;
    public const int MaxRate = 1_000_000;
    public const int MaxPeriodSeconds = 86_400;

    public static QueueLimits Of(WorkLimits limits) => new(limits.Concurrency, limits.Rate);

    public void WriteTo(Utf8JsonWriter json)
    {
        if (Concurrency is { } concurrency)
        {
            json.WriteNumber("concurrency", concurrency);
        }
        else
        {
            json.WriteNull("concurrency");
        }

        if (Rate is null)
        {
            json.WriteNull("rate_limit");
            return;
        }

        json.WriteStartObject("rate_limit");
        json.WriteNumber("limit", Rate.Limit);
        json.WriteNumber("period", Rate.Period.TotalSeconds);
        json.WriteEndObject();
    }
}
