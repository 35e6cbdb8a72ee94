using Microsoft.Extensions.Logging;

namespace Platform.Eventing.WorkQueues;

internal sealed partial class WorkEngine<TWork, TResult>
{
    [LoggerMessage(1401, LogLevel.Warning, "Claiming work of {Service} failed; it is tried again")]
    private partial void LogClaimFailed(string service, Exception exception);

    [LoggerMessage(1402, LogLevel.Error, "Loading {Count} claimed items of {Service} failed; they are given back")]
    private partial void LogLoadFailed(string service, int count, Exception exception);

    [LoggerMessage(1403, LogLevel.Error, "The handler of {Service}/{Queue} threw on item {Id}, attempt {Attempt}; it is retried")]
    private partial void LogRunFailed(string service, string queue, Guid id, int attempt, Exception exception);

    [LoggerMessage(1404, LogLevel.Warning, "Writing {Count} outcomes of {Service} failed; it is tried again")]
    private partial void LogSettleFailed(string service, int count, Exception exception);

    [LoggerMessage(1405, LogLevel.Error, "{Count} outcomes of {Service}, item {Id} first, cannot be written; they are tried again after their leases")]
    private partial void LogSettleRefused(string service, int count, Guid id, Exception exception);

    [LoggerMessage(1406, LogLevel.Information, "{Count} outcomes of {Service} came too late: their claims were lost")]
    private partial void LogRefused(string service, int count);

    [LoggerMessage(1407, LogLevel.Information, "Item {Id} in {Service}/{Queue}, attempt {Attempt}, is not ours any more and is cancelled here")]
    private partial void LogLost(string service, string queue, Guid id, int attempt);

    [LoggerMessage(1408, LogLevel.Warning, "Renewing the leases of {Service} failed; it is tried again")]
    private partial void LogLeasesFailed(string service, Exception exception);
}
