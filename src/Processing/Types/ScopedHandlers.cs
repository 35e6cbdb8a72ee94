using MassTransit;
using MassTransit.Context;

namespace Platform.Processing.Types;

/// <summary>A handler out of the container, in a scope that ends with the attempt.</summary>
internal sealed class ScopedHandlers<THandler>(IServiceProvider services) : IConsumerFactory<THandler>
    where THandler : class
{
    public async Task Send<TMessage>(ConsumeContext<TMessage> context, IPipe<ConsumerConsumeContext<THandler, TMessage>> next)
        where TMessage : class
    {
        await using var scope = services.CreateAsyncScope();
        await next.Send(new ConsumerConsumeContextScope<THandler, TMessage>(context, scope.ServiceProvider.GetRequiredService<THandler>()));
    }

    public void Probe(ProbeContext context) => context.CreateConsumerFactoryScope<THandler>("scope");
}
