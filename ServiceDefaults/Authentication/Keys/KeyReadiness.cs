using Npgsql;
using Platform.Contracts.Events;
using Platform.Eventing.Consumers;
using Platform.Eventing.Database;
using Platform.Eventing.Streams;
using Platform.ServiceDefaults.Health;

namespace Platform.ServiceDefaults.Authentication.Keys;

/// <summary>
/// Ready once this service's copy of the keys holds everything that was in the stream when this process first looked: the offsets,
/// which all instances of the service share, have come that far. So an instance that was assigned no partition knows it too, and one
/// that has read its own share waits for the others'.
/// </summary>
internal sealed class KeyReadiness(ServiceDatabase database, IEventStream stream, ConsumerProgress progress, TimeProvider clock) : IReadinessCheck
{
    /// <summary>
    /// Retention may have dropped what lies between an offset and the head; nothing then moves the offset until the next event. An
    /// instance that has long read all there is goes on without.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>A stream that does not answer by then is away.</summary>
    private static readonly TimeSpan StreamPatience = TimeSpan.FromSeconds(3);
    private IReadOnlyDictionary<TopicPartition, long>? _goal;
    private long? _caughtUpSince;
    private volatile bool _reached;

    public string Name => "keys";

    public static string Group(string schema) => schema + ".identity";

    public async Task<string?> WhyNotAsync(CancellationToken cancellationToken)
    {
        if (_reached)
        {
            return null;
        }

        try
        {
            using var answer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            answer.CancelAfter(StreamPatience);
            _goal ??= await stream.ReadHeadsAsync(Topics.Audit, answer.Token);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // The stream is away. Keys that were read before are good; what changed since comes when it is back.
            _reached = await HasReadAsync(cancellationToken);
            return _reached ? null : "the event stream cannot be reached and no API keys were read before";
        }

        var group = Group(database.Schema);
        if (progress.HasCaughtUp(group))
        {
            _caughtUpSince ??= clock.GetTimestamp();
        }

        _reached = await HasReachedAsync(group, _goal, cancellationToken)
            || (_caughtUpSince is { } since && clock.GetElapsedTime(since) >= Patience);
        return _reached ? null : "the API keys are still being read from the event stream";
    }

    private async Task<bool> HasReadAsync(CancellationToken cancellationToken)
    {
        await using var command = database.System.CreateCommand(
            $"SELECT EXISTS (SELECT FROM {database.Schema}.consumer_offset WHERE consumer_group = $1 AND next_offset > 0)");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Group(database.Schema) });
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    private async Task<bool> HasReachedAsync(string group, IReadOnlyDictionary<TopicPartition, long> goal, CancellationToken cancellationToken)
    {
        await using var command = database.System.CreateCommand(
            $"SELECT partition, next_offset FROM {database.Schema}.consumer_offset WHERE consumer_group = $1 AND topic = $2 AND engine = $3");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = group });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Topics.Audit.Name });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = stream.Engine });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var reached = new Dictionary<TopicPartition, long>();
        while (await reader.ReadAsync(cancellationToken))
        {
            reached[new(Topics.Audit.Name, reader.GetInt32(0))] = reader.GetInt64(1);
        }

        return goal.All(g => reached.GetValueOrDefault(g.Key) >= g.Value);
    }
}
