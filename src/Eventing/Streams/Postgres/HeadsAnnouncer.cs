using System.Text;

namespace Platform.Eventing.Streams.Postgres;

/// <summary>
/// Tells other processes of new heads, one notification at a time: what comes meanwhile is merged into the next. Under load that is
/// fewer notifications than appends, and a slow server never gathers a heap of them. What fails is dropped: readers poll.
/// </summary>
internal sealed class HeadsAnnouncer(Func<IReadOnlyList<string>, Task> send)
{
    /// <summary>PostgreSQL takes less than 8,000 bytes.</summary>
    internal const int MaxPayload = 7_900;

    private readonly Lock _lock = new();
    private Dictionary<TopicPartition, long> _pending = [];
    private bool _sending;

    public void Announce(IEnumerable<(TopicPartition Partition, long Head)> heads)
    {
        lock (_lock)
        {
            foreach (var (partition, head) in heads)
            {
                _pending[partition] = Math.Max(head, _pending.GetValueOrDefault(partition));
            }

            if (_sending || _pending.Count == 0)
            {
                return;
            }

            _sending = true;
        }

        _ = SendAsync();
    }

    /// <summary>Payloads as <see cref="StreamHeads.Parse"/> reads them, each within the limit.</summary>
    internal static IReadOnlyList<string> Format(IEnumerable<KeyValuePair<TopicPartition, long>> heads)
    {
        var payloads = new List<string>();
        var payload = new StringBuilder();
        foreach (var (partition, head) in heads)
        {
            // Topic names are ASCII: a character is a byte.
            var part = $"{partition.Topic} {partition.Partition} {head}";
            if (payload.Length + part.Length + 1 > MaxPayload)
            {
                payloads.Add(payload.ToString());
                payload.Clear();
            }

            payload.Append(payload.Length == 0 ? "" : ",").Append(part);
        }

        payloads.Add(payload.ToString());
        return payloads;
    }

    private async Task SendAsync()
    {
        while (true)
        {
            Dictionary<TopicPartition, long> heads;
            lock (_lock)
            {
                if (_pending.Count == 0)
                {
                    _sending = false;
                    return;
                }

                (heads, _pending) = (_pending, []);
            }

            try
            {
                await send(Format(heads));
            }
            catch (Exception)
            {
                // The database is away; those who would listen poll.
            }
        }
    }
}
