using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text.Json;
using Platform.Eventing.Telemetry;

namespace Platform.Eventing.Streams.Kafka;

/// <summary>
/// What librdkafka says of itself every five seconds, as metrics: <c>platform.kafka.queue</c> (messages waiting to be sent or read, by
/// <c>client</c>), <c>platform.kafka.rtt</c> (seconds to a <c>broker</c>, p99 of the interval) and <c>platform.kafka.lag</c> (events behind
/// the head by <c>group</c> and <c>topic</c>, as the broker's high watermark sees it).
/// </summary>
internal sealed class KafkaStatistics : IDisposable
{
    public const int IntervalMs = 5000;
    private readonly ConcurrentDictionary<string, double> _rtt = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Client, string Kind), long> _queue = new();
    private readonly ConcurrentDictionary<(string Group, string Topic), long> _lag = new();
    private readonly Meter _meter = new(EventingTelemetry.Name);

    public KafkaStatistics()
    {
        _meter.CreateObservableGauge("platform.kafka.queue", () => _queue.Select(q => new Measurement<long>(
            q.Value, new("client", q.Key.Client), new("direction", q.Key.Kind))), "{message}");
        _meter.CreateObservableGauge("platform.kafka.rtt", () => _rtt.Select(r => new Measurement<double>(r.Value, new KeyValuePair<string, object?>("broker", r.Key))), "s");
        _meter.CreateObservableGauge("platform.kafka.lag", () => _lag.Select(l => new Measurement<long>(
            l.Value, new("group", l.Key.Group), new("topic", l.Key.Topic))), "{event}");
    }

    /// <param name="json">librdkafka's statistics document (its STATISTICS.md).</param>
    /// <param name="group">The consumer's group; null for a producer.</param>
    public void Read(string json, string? group = null)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        var client = group ?? "relay";
        if (group is null)
        {
            _queue[(client, "send")] = Number(root, "msg_cnt");
        }

        foreach (var broker in Members(root, "brokers"))
        {
            if (broker.Value.TryGetProperty("rtt", out var rtt) && Number(rtt, "cnt") > 0)
            {
                _rtt[broker.Name] = Number(rtt, "p99") / 1e6;
            }
        }

        if (group is not null)
        {
            ReadTopics(root, group);
        }
    }

    /// <summary>The group has left this process: what was said of it is no longer so.</summary>
    public void Forget(string group)
    {
        _queue.TryRemove((group, "receive"), out _);
        foreach (var key in _lag.Keys.Where(k => k.Group == group))
        {
            _lag.TryRemove(key, out _);
        }
    }

    public void Dispose() => _meter.Dispose();

    private void ReadTopics(JsonElement root, string group)
    {
        var waiting = 0L;
        foreach (var topic in Members(root, "topics"))
        {
            var lag = 0L;
            foreach (var partition in Members(topic.Value, "partitions").Where(p => p.Name != "-1"))
            {
                waiting += Number(partition.Value, "fetchq_cnt");
                lag += Math.Max(0, Number(partition.Value, "consumer_lag_stored") is >= 0 and var stored ? stored : Number(partition.Value, "consumer_lag"));
            }

            _lag[(group, topic.Name)] = lag;
        }

        _queue[(group, "receive")] = waiting;
    }

    private static IEnumerable<JsonProperty> Members(JsonElement element, string name) =>
        element.TryGetProperty(name, out var child) && child.ValueKind == JsonValueKind.Object ? child.EnumerateObject() : [];

    private static long Number(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.TryGetInt64(out var number) ? number : 0;
}
