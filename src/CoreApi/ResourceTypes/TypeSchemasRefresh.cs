using Platform.Eventing.Hosting;

namespace Platform.CoreApi.ResourceTypes;

/// <summary>Looks for changed schemas four times a second, so that writes need not.</summary>
internal sealed partial class TypeSchemasRefresh(TypeSchemas schemas, TimeProvider clock, ILogger<TypeSchemasRefresh> logger)
    : PeriodicWorker(TimeSpan.FromMilliseconds(250), clock)
{
    public override Task RunOnceAsync(CancellationToken cancellationToken) => schemas.LookAsync(always: true, cancellationToken);

    [LoggerMessage(6011, LogLevel.Warning, "Looking for changed schemas failed; writes look themselves until it succeeds")]
    protected override partial void LogFailed(Exception exception);
}
