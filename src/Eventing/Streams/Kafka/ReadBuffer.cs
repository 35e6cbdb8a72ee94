using Platform.Eventing.Database;

namespace Platform.Eventing.Streams.Kafka;

/// <summary>
/// Between the thread that consumes and the loop that handles: what is assigned, where each partition is to start, and what has been read and
/// not yet handed over. Bounded: a partition that holds more than its share is paused until it is nearly empty.
/// </summary>
internal sealed class ReadBuffer(AsyncSignal ready)
{
    /// <summary>Most bytes handed over at once, and most that one partition holds before it is paused.</summary>
    public const int MaxBytes = 16 * 1024 * 1024;
    private const int PauseAt = 5_000;
    private const int ResumeAt = 1_000;
    private const int PauseAtBytes = 4 * 1024 * 1024;
    private const int ResumeAtBytes = 1024 * 1024;

    private readonly object _gate = new();
    private readonly Dictionary<TopicPartition, Partition> _partitions = [];
    private readonly Dictionary<TopicPartition, long> _inHand = [];
    private IReadOnlySet<TopicPartition> _assigned = new HashSet<TopicPartition>();
    private int _count;
    private int _turn;
    private bool _closed;

    /// <summary>A new set with every change.</summary>
    public IReadOnlySet<TopicPartition> Assigned => Volatile.Read(ref _assigned);

    public bool IsEmpty => Volatile.Read(ref _count) == 0;

    /// <summary>Takes partitions over and waits until the loop has said where each one starts.</summary>
    /// <exception cref="TimeoutException">It did not.</exception>
    /// <exception cref="OperationCanceledException">The consumer is being closed.</exception>
    public Dictionary<TopicPartition, long> Assign(TopicPartition[] partitions, TimeSpan patience, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            foreach (var partition in partitions)
            {
                _partitions[partition] = new() { Joining = true };
            }

            Publish();
            var deadline = Environment.TickCount64 + (long)patience.TotalMilliseconds;
            while (partitions.Any(p => _partitions[p].Start is null))
            {
                cancellationToken.ThrowIfCancellationRequested();
                var left = deadline - Environment.TickCount64;
                if (_closed || left <= 0 || !Monitor.Wait(_gate, (int)left))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    throw new TimeoutException("The offsets of the assigned partitions could not be read.");
                }
            }

            var offsets = new Dictionary<TopicPartition, long>();
            foreach (var partition in partitions)
            {
                offsets[partition] = _partitions[partition].Start!.Value;
                _partitions[partition].Joining = false;
            }

            return offsets;
        }
    }

    /// <summary>Gives partitions up; waits until the loop has finished with what it has of them, or not at all.</summary>
    public void Revoke(TopicPartition[] partitions, TimeSpan patience)
    {
        lock (_gate)
        {
            foreach (var partition in partitions)
            {
                if (_partitions.Remove(partition, out var removed))
                {
                    Volatile.Write(ref _count, _count - removed.Records.Count);
                }
            }

            Publish();
            var deadline = Environment.TickCount64 + (long)patience.TotalMilliseconds;
            while (partitions.Any(_inHand.ContainsKey) && !_closed && deadline - Environment.TickCount64 is > 0 and var left)
            {
                Monitor.Wait(_gate, (int)left);
            }

            foreach (var partition in partitions)
            {
                _inHand.Remove(partition);
            }
        }
    }

    /// <summary>The loop says where a partition starts, or starts again.</summary>
    public void Seek(TopicPartition partition, long offset)
    {
        lock (_gate)
        {
            if (_partitions.TryGetValue(partition, out var state))
            {
                Clear(state);
                state.Start = offset;
                state.Seek = state.Joining ? null : offset;
                Monitor.PulseAll(_gate);
            }
        }
    }

    /// <summary>The loop does not want this partition until it seeks again.</summary>
    public void Forget(TopicPartition partition)
    {
        lock (_gate)
        {
            _inHand.Remove(partition);
            if (_partitions.TryGetValue(partition, out var state))
            {
                Clear(state);
                state.Start = null;
                state.Seek = null;
            }

            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Seeks that the consuming thread is to make now.</summary>
    public List<(TopicPartition Partition, long Offset)> TakeSeeks()
    {
        lock (_gate)
        {
            var seeks = new List<(TopicPartition, long)>();
            foreach (var (partition, state) in _partitions)
            {
                if (state.Seek is { } offset)
                {
                    seeks.Add((partition, offset));
                    state.Seek = null;
                    state.Paused = false;
                }
            }

            return seeks;
        }
    }

    /// <summary>A seek that could not be made yet.</summary>
    public void SeekAgain(TopicPartition partition, long offset)
    {
        lock (_gate)
        {
            if (_partitions.TryGetValue(partition, out var state) && state.Start == offset)
            {
                state.Seek ??= offset;
            }
        }
    }

    /// <summary>Adds what was read. True when the partition is to be paused.</summary>
    public bool Add(StreamRecord record, long offset)
    {
        lock (_gate)
        {
            // Read before a seek that is not made yet, or nobody's any more.
            if (!_partitions.TryGetValue(new(record.Topic, record.Partition), out var state) || state.Start is null || state.Seek is not null || offset < state.Start)
            {
                return false;
            }

            state.Records.Enqueue(record);
            state.Bytes += record.Payload.Length;
            Volatile.Write(ref _count, _count + 1);
            ready.Set();
            if (state.Paused || (state.Records.Count < PauseAt && state.Bytes < PauseAtBytes))
            {
                return false;
            }

            return state.Paused = true;
        }
    }

    /// <summary>Hands over at most <paramref name="max"/> records, in order within a partition, from another partition first each time.</summary>
    public List<StreamRecord> Take(int max, Action<TopicPartition> resume)
    {
        var taken = new List<StreamRecord>(Math.Min(max, _count));
        lock (_gate)
        {
            var filled = _partitions.Where(p => p.Value.Records.Count > 0).ToArray();
            var bytes = 0L;
            for (var i = 0; i < filled.Length && taken.Count < max && bytes < MaxBytes; i++)
            {
                var (partition, state) = filled[(i + _turn) % filled.Length];
                var share = Math.Max(1, (max - taken.Count) / (filled.Length - i));
                while (share-- > 0 && bytes < MaxBytes && state.Records.TryDequeue(out var record))
                {
                    taken.Add(record);
                    bytes += record.Payload.Length;
                    state.Bytes -= record.Payload.Length;
                    _inHand[partition] = record.Offset + 1;
                }

                if (state.Paused && state.Seek is null && state.Records.Count <= ResumeAt && state.Bytes <= ResumeAtBytes)
                {
                    state.Paused = false;
                    resume(partition);
                }
            }

            _turn++;
            Volatile.Write(ref _count, _count - taken.Count);
        }

        return taken;
    }

    /// <summary>The loop has come back: what it had in hand is handled. Returns how far.</summary>
    public List<(TopicPartition Partition, long Next)> Handled()
    {
        lock (_gate)
        {
            if (_inHand.Count == 0)
            {
                return [];
            }

            var handled = _inHand.Select(h => (h.Key, h.Value)).ToList();
            _inHand.Clear();
            Monitor.PulseAll(_gate);
            return handled;
        }
    }

    /// <summary>Wakes whoever waits; nothing will come any more.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.PulseAll(_gate);
        }
    }

    private void Clear(Partition state)
    {
        Volatile.Write(ref _count, _count - state.Records.Count);
        state.Records.Clear();
        state.Bytes = 0;
    }

    private void Publish()
    {
        Volatile.Write(ref _assigned, _partitions.Keys.ToHashSet());
        ready.Set();
    }

    private sealed class Partition
    {
        public Queue<StreamRecord> Records { get; } = new();
        public long Bytes { get; set; }

        /// <summary>Inside its assignment: its start is returned there instead of sought.</summary>
        public bool Joining { get; set; }

        /// <summary>Where the loop wants to read from; null until it has said so.</summary>
        public long? Start { get; set; }

        /// <summary>A start that the consuming thread has still to go to.</summary>
        public long? Seek { get; set; }
        public bool Paused { get; set; }
    }
}
