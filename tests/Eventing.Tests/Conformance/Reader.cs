using Platform.Eventing.Streams;
using Platform.Testing;

namespace Platform.Eventing.Tests.Conformance;

/// <summary>Reads as a consumer loop does: seeks what it gains, and notes what comes.</summary>
internal sealed class Reader(IStreamConsumer consumer) : IAsyncDisposable
{
    private readonly HashSet<TopicPartition> _sought = [];
    private readonly CancellationTokenSource _stopping = new();
    private Task? _reading;

    public IStreamConsumer Consumer => consumer;

    public List<StreamRecord> Records { get; } = [];

    /// <summary>Where gained partitions start; the beginning where it says nothing.</summary>
    public Dictionary<TopicPartition, long> Starts { get; } = [];

    /// <summary>One turn.</summary>
    public async Task<IReadOnlyList<StreamRecord>> TurnAsync(int max = 500)
    {
        foreach (var lost in _sought.Where(p => !consumer.Assigned.Contains(p)).ToArray())
        {
            _sought.Remove(lost);
            consumer.Forget(lost);
        }

        foreach (var gained in consumer.Assigned.Where(p => _sought.Add(p)).ToArray())
        {
            consumer.Seek(gained, Starts.GetValueOrDefault(gained));
        }

        var records = await consumer.ReceiveAsync(max, _stopping.Token);
        lock (Records)
        {
            Records.AddRange(records);
            foreach (var record in records)
            {
                Starts[new(record.Topic, record.Partition)] = record.Offset + 1;
            }
        }

        return records;
    }

    /// <summary>Turns until <paramref name="enough"/>.</summary>
    public Task UntilAsync(Func<bool> enough, string what) =>
        Eventually.IsTrueAsync(async () =>
        {
            await TurnAsync();
            return enough();
        }, what, TimeSpan.FromSeconds(60));

    /// <summary>Turns in the background until it is disposed.</summary>
    public Reader Start()
    {
        _reading = Task.Run(async () =>
        {
            try
            {
                while (!_stopping.IsCancellationRequested)
                {
                    await TurnAsync();
                }
            }
            catch (OperationCanceledException)
            {
                // Stopping.
            }
        });
        return this;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        if (_reading is not null)
        {
            await _reading;
        }

        await consumer.DisposeAsync();
        _stopping.Dispose();
    }
}
