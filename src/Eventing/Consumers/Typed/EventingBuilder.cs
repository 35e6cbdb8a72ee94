using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Platform.Contracts.Events;
using Platform.Eventing.Consumers;

namespace Platform.Eventing;

public sealed partial class EventingBuilder<TDatabase>
{
    /// <summary>
    /// Hands every <typeparamref name="TEvent"/> to a <typeparamref name="THandler"/>: a class that implements <see cref="IEventHandler{TEvent}"/>
    /// or <see cref="IEventBatchHandler{TEvent}"/>. It is registered as scoped where it is not registered yet, and resolved for each batch.
    /// </summary>
    /// <param name="group">Unique in the platform, prefixed by the service; renaming it reads everything again.</param>
    /// <param name="configure">Further settings of the group.</param>
    /// <exception cref="ArgumentException">The handler implements neither interface for this event, or both; or the event is not listed in <see cref="EventJson"/>.</exception>
    public EventingBuilder<TDatabase> AddConsumer<TEvent, THandler>(string group, Func<ConsumerGroup, ConsumerGroup>? configure = null)
        where TEvent : IEvent
        where THandler : class
    {
        if (typeof(THandler).IsAssignableTo(typeof(IEventHandler<TEvent>)) == typeof(THandler).IsAssignableTo(typeof(IEventBatchHandler<TEvent>)))
        {
            throw new ArgumentException(
                $"{typeof(THandler).Name} must implement either IEventHandler<{typeof(TEvent).Name}> or IEventBatchHandler<{typeof(TEvent).Name}> to be the consumer '{group}'.");
        }

        if (EventJson.Default.GetTypeInfo(typeof(TEvent)) is null)
        {
            throw new ArgumentException($"{typeof(TEvent).Name} is not listed in EventJson, so that '{group}' cannot read it.");
        }

        services.TryAddScoped<THandler>();
        return AddGroup(group, [TEvent.Topic], [TEvent.EventType], configure,
            s => new TypedHandler<TEvent, THandler>(s.GetRequiredService<IServiceScopeFactory>()));
    }
}
