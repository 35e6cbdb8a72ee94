using MassTransit;
using MassTransit.Context;

namespace Platform.Processing.Running.Filters;

/// <summary>Ends the handler's token with the job's timeout, and makes a failure of that.</summary>
internal sealed class LimitRuns<TPayload> : IFilter<ConsumeContext<JobRun<TPayload>>>
    where TPayload : class
{
    public async Task Send(ConsumeContext<JobRun<TPayload>> context, IPipe<ConsumeContext<JobRun<TPayload>>> next)
    {
        var limit = context.Message.Claim.Work.Timeout;
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);
        timeout.CancelAfter(limit);
        try
        {
            await next.Send(new Limited(context, timeout.Token));
        }
        catch (Exception) when (timeout.IsCancellationRequested && !context.CancellationToken.IsCancellationRequested)
        {
            // Whatever it threw on the way out, this is why.
            context.Message.TimedOut($"It did not end within its timeout of {limit.TotalSeconds} s.");
        }
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("timeout");

    private sealed class Limited(ConsumeContext<JobRun<TPayload>> context, CancellationToken token) : ConsumeContextProxy<JobRun<TPayload>>(context)
    {
        public override CancellationToken CancellationToken => token;
    }
}
