using MassTransit;

namespace Platform.Processing.Running.Filters;

/// <summary>
/// Nothing starts under a claim that is lost; what a run reports after its end, or after the database has refused its claim, is refused; and what
/// a run that did not succeed had not saved yet is saved, so that the next attempt goes on from there.
/// </summary>
internal sealed class FenceRuns<TPayload> : IFilter<ConsumeContext<JobRun<TPayload>>>
    where TPayload : class
{
    public async Task Send(ConsumeContext<JobRun<TPayload>> context, IPipe<ConsumeContext<JobRun<TPayload>>> next)
    {
        context.CancellationToken.ThrowIfCancellationRequested();
        var run = context.Message;
        var succeeded = false;
        try
        {
            await next.Send(context);
            succeeded = run.Result is { Error: null, Snooze: null };
        }
        finally
        {
            run.Close();
            if (!succeeded)
            {
                await (run.ProgressIfAny?.TryFlushAsync() ?? Task.CompletedTask);
            }
        }

        if (run.ProgressIfAny is { IsRefused: true })
        {
            throw new ClaimLostException();
        }
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("fence");
}
