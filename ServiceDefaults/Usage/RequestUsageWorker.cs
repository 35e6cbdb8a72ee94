using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Platform.Eventing.Database;
using Platform.Eventing.Hosting;
using Platform.Eventing.Outbox;

namespace Platform.ServiceDefaults.Usage;

/// <summary>
/// Writes the counted requests to the outbox every second, and the rest after the last request. A report that could not be written, or of
/// which that is not known, is written again with the same ids, which its readers drop when they have it.
/// </summary>
internal sealed partial class RequestUsageWorker(
    RequestUsage usage, IEnumerable<ServiceDatabase> databases, TimeProvider clock, ILogger<RequestUsageWorker> logger)
    : PeriodicWorker(TimeSpan.FromSeconds(1), clock), IHostedLifecycleService
{
    /// <summary>Any of the process's services may report for all: an outbox row belongs to no table of the service.</summary>
    private readonly ServiceDatabase? _database = databases.FirstOrDefault();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private List<OutboxMessage> _pending = [];

    Task IHostedLifecycleService.StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Everything has stopped, the server too: nothing is counted any more.</summary>
    Task IHostedLifecycleService.StoppedAsync(CancellationToken cancellationToken) => TryRunOnceAsync(cancellationToken);

    public override void Dispose()
    {
        _turn.Dispose();
        base.Dispose();
    }

    public override async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        if (_database is null)
        {
            return;
        }

        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_pending.Count == 0)
            {
                _pending = usage.Take(_database.Schema);
            }

            if (_pending.Count > 0)
            {
                await WriteAsync(_database, _pending, cancellationToken);
                _pending = [];
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    private static async Task WriteAsync(ServiceDatabase database, List<OutboxMessage> messages, CancellationToken cancellationToken)
    {
        await using var connection = await database.System.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection);
        OutboxWriter.AppendMany(batch, database.Schema, messages);
        await batch.ExecuteNonQueryAsync(cancellationToken);
        database.OutboxWritten.Set();
    }

    [LoggerMessage(2201, LogLevel.Warning, "Reporting API usage failed; it is tried again")]
    protected override partial void LogFailed(Exception exception);
}
