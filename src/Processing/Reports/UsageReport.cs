using Platform.Processing.Peers;
using Platform.Processing.Running;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Peers;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Reports;

/// <summary><c>usage.report</c>: what <c>GET /v1/analytics/usage</c> says at the time at which the job runs, as its result or as a file.</summary>
internal sealed class UsageReport(ServiceCalls calls) : PeerHandler<UsageReportPayload>
{
    public const string Type = "usage.report";
    private const int MaxInline = 64 * 1024;
    public static readonly string[] Permissions = [Scopes.AnalyticsRead, Scopes.FilesWrite];

    protected override async Task RunAsync(JobRun<UsageReportPayload> run, CancellationToken cancellationToken)
    {
        var asked = run.Payload;
        var address = $"/v1/analytics/usage?from={Rfc3339.Format(asked.From.ToUniversalTime())}&to={Rfc3339.Format(asked.To.ToUniversalTime())}&interval={asked.Interval}&group_by={asked.GroupBy}";
        using var response = await calls.SendAsync("analytics", run.Caller, () => new(HttpMethod.Get, new Uri(address, UriKind.Relative)), cancellationToken);
        await PeerAnswers.EnsureAsync(response, "The usage cannot be read", cancellationToken);
        var report = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        if (asked.Output == ReportOutput.Result && report.Length <= MaxInline)
        {
            run.SucceedWith(report);
            return;
        }

        // A report of the same span can say more tomorrow: a second attempt stores its own.
        var file = new StreamedFile(
            $"usage-{run.Id}.json", "application/json", run, $"{run.Id}:{run.Claim.Item.Token}", async (stream, token) => await stream.WriteAsync(report, token));
        run.Succeed(new StoredReport(await file.StoreAsync(calls, cancellationToken)));
    }
}

internal sealed record StoredReport(string FileId);
