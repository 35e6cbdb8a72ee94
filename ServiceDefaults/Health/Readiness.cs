using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Platform.Eventing.Database;

namespace Platform.ServiceDefaults.Health;

/// <summary>
/// Asks every database of the process and every check at once, for three seconds at most. Callers who come while an answer is being
/// found share it, so that asking costs a connection, however many ask.
/// </summary>
internal sealed partial class Readiness(
    IEnumerable<ServiceDatabase> databases, IEnumerable<IReadinessCheck> checks, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<Readiness> logger)
{
    internal static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);
    private readonly Lock _gate = new();
    private Task<IReadOnlyDictionary<string, string>>? _running;

    /// <summary>What is not ready, and why; empty when all is.</summary>
    public Task<IReadOnlyDictionary<string, string>> WhyNotAsync()
    {
        lock (_gate)
        {
            return _running is { IsCompleted: false } ? _running : _running = AskAsync();
        }
    }

    private async Task<IReadOnlyDictionary<string, string>> AskAsync()
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return new Dictionary<string, string>(StringComparer.Ordinal) { ["host"] = "stopping" };
        }

        using var timeout = new CancellationTokenSource(Timeout, clock);
        var token = timeout.Token;
        var answers = await Task.WhenAll(
        [
            .. databases.DistinctBy(d => d.System).Select(d => AnswerAsync("database:" + d.Schema, () => PingAsync(d, token), token)),
            .. checks.Select(c => AnswerAsync(c.Name, () => c.WhyNotAsync(token), token)),
        ]);
        return answers.Where(a => a.Reason is not null).ToDictionary(a => a.Name, a => a.Reason!, StringComparer.Ordinal);
    }

    private async Task<(string Name, string? Reason)> AnswerAsync(string name, Func<Task<string?>> check, CancellationToken timeout)
    {
        try
        {
            // A check that ignores its token is not waited for either.
            return (name, await check().WaitAsync(timeout));
        }
        catch (OperationCanceledException)
        {
            return (name, "no answer in time");
        }
        catch (Exception e)
        {
            // Every failure of a check is an answer; what went wrong is for the log, not for whoever asks.
            LogFailed(name, e);
            return (name, "failed");
        }
    }

    private static async Task<string?> PingAsync(ServiceDatabase database, CancellationToken cancellationToken)
    {
        await using var command = database.System.CreateCommand("SELECT 1");
        await command.ExecuteScalarAsync(cancellationToken);
        return null;
    }

    [LoggerMessage(2301, LogLevel.Warning, "Readiness of {Check} could not be found out")]
    private partial void LogFailed(string check, Exception exception);
}
