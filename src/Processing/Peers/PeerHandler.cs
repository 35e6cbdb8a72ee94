using MassTransit;
using Platform.Processing.Running;
using Platform.ServiceDefaults.Peers;

namespace Platform.Processing.Peers;

/// <summary>A handler that works with other services: what they answer decides whether another attempt makes sense.</summary>
internal abstract class PeerHandler<TPayload> : IConsumer<JobRun<TPayload>>
    where TPayload : class
{
    public async Task Consume(ConsumeContext<JobRun<TPayload>> context)
    {
        try
        {
            await RunAsync(context.Message, context.CancellationToken);
        }
        catch (PermanentFaultException e)
        {
            context.Message.GiveUp(e.Message);
        }
        catch (ServiceCallException e)
        {
            context.Message.Fail(e.Message);
        }
    }

    /// <exception cref="PermanentFaultException">No attempt can succeed.</exception>
    /// <exception cref="ServiceCallException">A later one may.</exception>
    protected abstract Task RunAsync(JobRun<TPayload> run, CancellationToken cancellationToken);
}
