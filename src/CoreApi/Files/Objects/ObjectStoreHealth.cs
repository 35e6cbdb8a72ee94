using Platform.Eventing.Hosting;
using Platform.ServiceDefaults.Health;

namespace Platform.CoreApi.Files.Objects;

/// <summary>
/// Looks at the object store now and then. One that cannot be used is said once in the log and, as long as it lasts, by readiness: files
/// fail then and everything else goes on, so the process stays in service.
/// </summary>
internal sealed partial class ObjectStoreHealth(IObjectStore store, FilesOptions options, TimeProvider clock, ILogger<ObjectStoreHealth> logger)
    : PeriodicWorker(options.HealthInterval, clock), IDegradedCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private string? _reason;

    public string Name => "files";

    /// <summary>Without the details, which are in the log: anybody may ask for readiness.</summary>
    public string? Reason => Volatile.Read(ref _reason) is null ? null : "the contents of files cannot be stored or read";

    protected override bool RunsAtStart => true;

    public override async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        string? reason;
        try
        {
            reason = await store.WhyNotAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            reason = "The object store does not answer.";
        }

        var before = Interlocked.Exchange(ref _reason, reason);
        if (reason is not null && before is null)
        {
            LogAway(store.Name, reason);
        }
        else if (reason is null && before is not null)
        {
            LogBack(store.Name);
        }
    }

    [LoggerMessage(4501, LogLevel.Warning, "Files cannot be stored or read ({Store}): {Reason}")]
    private partial void LogAway(string store, string reason);

    [LoggerMessage(4502, LogLevel.Warning, "Files can be stored and read again ({Store})")]
    private partial void LogBack(string store);

    [LoggerMessage(4503, LogLevel.Warning, "The object store could not be looked at; it is tried again")]
    protected override partial void LogFailed(Exception exception);
}
