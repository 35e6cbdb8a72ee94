using Microsoft.Extensions.DependencyInjection;
using Platform.Contracts.Events;

namespace Platform.Eventing.Consumers;

/// <summary>Reads a batch as declared events and hands it to a handler from a scope of its own.</summary>
internal sealed class TypedHandler<TEvent, THandler>(IServiceScopeFactory scopes) : IEventHandler
    where TEvent : IEvent
    where THandler : class
{
    public async Task HandleAsync(ConsumerBatch batch, CancellationToken cancellationToken)
    {
        // All are read before the first effect: where one has another shape, nothing of the batch needs to be undone.
        var events = batch.Events.Select(e => new Received<TEvent>(e)).ToArray();
        var transaction = new EventTransaction(batch);
        await using var scope = scopes.CreateAsyncScope();
        switch (scope.ServiceProvider.GetRequiredService<THandler>())
        {
            case IEventBatchHandler<TEvent> many:
                await many.HandleAsync(events, transaction, cancellationToken);
                break;
            case IEventHandler<TEvent> one:
                foreach (var received in events)
                {
                    await one.HandleAsync(received, transaction, cancellationToken);
                }

                break;
        }
    }
}
