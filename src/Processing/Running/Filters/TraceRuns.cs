using System.Diagnostics;
using MassTransit;

namespace Platform.Processing.Running.Filters;

/// <summary>A span for each attempt, under the request or event that the job comes from.</summary>
internal sealed class TraceRuns<TPayload> : IFilter<ConsumeContext<JobRun<TPayload>>>
    where TPayload : class
{
    public async Task Send(ConsumeContext<JobRun<TPayload>> context, IPipe<ConsumeContext<JobRun<TPayload>>> next)
    {
        var run = context.Message;
        using var activity = RunTraces.Start(run);
        try
        {
            await next.Send(context);
        }
        catch (Exception e)
        {
            activity?.SetStatus(ActivityStatusCode.Error, e.Message);
            throw;
        }

        if (run.Result.Error is { } error)
        {
            activity?.SetStatus(ActivityStatusCode.Error, error);
        }
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("trace");
}

/// <summary>The source of these spans.</summary>
internal static class RunTraces
{
    private static readonly ActivitySource Activities = new("Platform.Processing");

    public static Activity? Start(JobRun run)
    {
        var parent = ActivityContext.TryParse(run.Claim.Work.TraceParent, null, out var context) ? context : default;
        var activity = Activities.StartActivity($"job {run.Type}", ActivityKind.Consumer, parent);
        activity?.SetTag("platform.job.id", run.Id);
        activity?.SetTag("platform.job.queue", run.Claim.Item.Queue);
        activity?.SetTag("platform.job.attempt", run.Claim.Item.Attempt);
        return activity;
    }
}
