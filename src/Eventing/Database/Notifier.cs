using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Platform.Eventing.Database;

/// <summary>
/// LISTEN and NOTIFY between processes, one listening connection per database. Notifications are sent outside any write
/// transaction: inside one they take a lock that all notifying commits share. A lost notification costs a poll interval.
/// </summary>
public sealed partial class Notifier(DataSources sources, TimeProvider clock, ILogger<Notifier> logger) : BackgroundService
{
    private const int ProbeSeconds = 5;
    private readonly ConcurrentDictionary<(string ConnectionString, string Channel), ConcurrentDictionary<Guid, Action<string>>> _subscriptions = new();
    private readonly ConcurrentDictionary<string, Task> _listeners = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Rounds of a second each between two looks whether the connection still has another end.</summary>
    internal int RoundsPerProbe { get; init; } = 10;

    /// <summary>Calls <paramref name="received"/> with the payload of each notification, on the listener's thread.</summary>
    public IDisposable Subscribe(string connectionString, string channel, Action<string> received)
    {
        var handlers = _subscriptions.GetOrAdd((connectionString, channel), _ => new());
        var id = Guid.CreateVersion7(clock.GetUtcNow());
        handlers[id] = received;
        return new Subscription(() => handlers.TryRemove(id, out _));
    }

    /// <summary>Sends a notification in a transaction of its own. The payload may have less than 8,000 bytes.</summary>
    public Task NotifyAsync(string connectionString, string channel, string payload, CancellationToken cancellationToken) =>
        NotifyAsync(connectionString, channel, [payload], cancellationToken);

    /// <summary>As above; several payloads travel in one transaction.</summary>
    public async Task NotifyAsync(string connectionString, string channel, IReadOnlyList<string> payloads, CancellationToken cancellationToken)
    {
        await using var command = sources.Get(connectionString, AccessScope.System).CreateCommand("SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS payload");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = channel });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. payloads] });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            foreach (var connectionString in _subscriptions.Keys.Select(k => k.ConnectionString).Distinct())
            {
                _ = _listeners.GetOrAdd(connectionString, c => ListenAsync(c, _stopping.Token));
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await _stopping.CancelAsync();
        await Task.WhenAll(_listeners.Values);
    }

    private async Task ListenAsync(string connectionString, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = new NpgsqlConnection(DataSources.Dedicated(connectionString));
                await connection.OpenAsync(cancellationToken);
                connection.Notification += (_, n) => Dispatch(connectionString, n.Channel, n.Payload);
                var listening = new HashSet<string>(StringComparer.Ordinal);
                for (var round = 1; ; round++)
                {
                    foreach (var channel in _subscriptions.Keys.Where(k => k.ConnectionString == connectionString).Select(k => k.Channel))
                    {
                        if (listening.Add(channel))
                        {
                            await using var listen = new NpgsqlCommand($"LISTEN \"{channel}\"", connection);
                            await listen.ExecuteNonQueryAsync(cancellationToken);
                        }
                    }

                    await connection.WaitAsync(TimeSpan.FromSeconds(1), cancellationToken);
                    if (round % RoundsPerProbe == 0)
                    {
                        // A connection whose other end has vanished is as silent as one on which nothing happens.
                        await using var probe = new NpgsqlCommand("SELECT 1", connection) { CommandTimeout = ProbeSeconds };
                        await probe.ExecuteScalarAsync(cancellationToken);
                    }
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                LogLost(e);
                await Task.Delay(TimeSpan.FromSeconds(1), clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Dispatch(string connectionString, string channel, string payload)
    {
        if (_subscriptions.TryGetValue((connectionString, channel), out var handlers))
        {
            foreach (var handler in handlers.Values)
            {
                handler(payload);
            }
        }
    }

    [LoggerMessage(1001, LogLevel.Warning, "Listening for notifications failed; polling goes on")]
    private partial void LogLost(Exception exception);

    private sealed class Subscription(Action dispose) : IDisposable
    {
        public void Dispose() => dispose();
    }
}
