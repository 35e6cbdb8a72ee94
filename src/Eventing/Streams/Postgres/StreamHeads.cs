using System.Collections.Concurrent;
using Platform.Eventing.Database;

namespace Platform.Eventing.Streams.Postgres;

/// <summary>
/// What this process knows of the next offset of each partition: from its own appends, from notifications and from
/// polling. It only ever grows, and knowing too little costs latency, never an event.
/// </summary>
internal sealed class StreamHeads
{
    private readonly ConcurrentDictionary<TopicPartition, long> _heads = new();
    private readonly ConcurrentDictionary<AsyncSignal, IReadOnlySet<string>> _waiters = new();

    public long this[TopicPartition partition] => _heads.GetValueOrDefault(partition);

    /// <summary>Raises heads and wakes those who read the topics.</summary>
    public void Advance(IEnumerable<(TopicPartition Partition, long Head)> heads)
    {
        HashSet<string>? moved = null;
        foreach (var (partition, head) in heads)
        {
            if (_heads.GetValueOrDefault(partition) < head)
            {
                _heads.AddOrUpdate(partition, head, (_, known) => Math.Max(known, head));
                (moved ??= new(StringComparer.Ordinal)).Add(partition.Topic);
            }
        }

        if (moved is null)
        {
            return;
        }

        foreach (var (signal, topics) in _waiters)
        {
            if (topics.Overlaps(moved))
            {
                signal.Set();
            }
        }
    }

    public void AddWaiter(AsyncSignal signal, IReadOnlySet<string> topics) => _waiters[signal] = topics;

    public void RemoveWaiter(AsyncSignal signal) => _waiters.TryRemove(signal, out _);

    /// <summary>Reads a notification's payload, <c>topic partition head</c>, comma-separated; what is malformed is left out.</summary>
    public static IEnumerable<(TopicPartition Partition, long Head)> Parse(string payload)
    {
        foreach (var part in payload.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var fields = part.Split(' ');
            if (fields.Length == 3 && int.TryParse(fields[1], out var partition) && long.TryParse(fields[2], out var head))
            {
                yield return (new(fields[0], partition), head);
            }
        }
    }
}
