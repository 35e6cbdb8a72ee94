using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Platform.Contracts.Events;
using Platform.Eventing.Consumers;
using Platform.Eventing.Database;
using Platform.Eventing.DeadLetters;
using Platform.Eventing.Relay;
using Platform.Eventing.Status;
using Platform.Eventing.Streams;
using Platform.Eventing.Streams.Kafka;
using Platform.Eventing.Streams.Postgres;

namespace Platform.Eventing;

/// <summary>Gives a service its database, its outbox with a relay, and its consumer groups.</summary>
public static class EventingExtensions
{
    /// <summary>
    /// Registers a service's database and event path:
    /// <code>
    /// services.AddEventing&lt;AnalyticsDatabase&gt;(events => events
    ///     .AddConsumer&lt;CountUsage&gt;("analytics.usage", [Topics.Core]));
    /// </code>
    /// </summary>
    public static IServiceCollection AddEventing<TDatabase>(this IServiceCollection services, Action<EventingBuilder<TDatabase>>? configure = null)
        where TDatabase : ServiceDatabase
    {
        AddShared(services);
        services.AddSingleton<TDatabase>();
        services.AddSingleton<ServiceDatabase>(s => s.GetRequiredService<TDatabase>());
        services.AddSingleton<IHostedService>(s => ActivatorUtilities.CreateInstance<RelayWorker>(s, s.GetRequiredService<TDatabase>()));
        var events = new EventingBuilder<TDatabase>(services);
        configure?.Invoke(events);
        events.AddConsumer<RedriveDeadEvents<TDatabase>>(
            $"{typeof(TDatabase).FullName}.control", [Topics.Control], [EventTypes.DeadLetterRedriveRequested],
            group => group with { Name = group.Database.Schema + ".control" });
        return services;
    }

    private static KafkaStream Kafka(IServiceProvider services) =>
        ActivatorUtilities.CreateInstance<KafkaStream>(services, services.GetRequiredService<DataSources>().KafkaConnectionString!);

    private static void AddShared(IServiceCollection services)
    {
        if (services.Any(d => d.ServiceType == typeof(DataSources)))
        {
            return;
        }

        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<EventingOptions>().BindConfiguration("Eventing").ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(s => s.GetRequiredService<IOptions<EventingOptions>>().Value);
        services.AddSingleton<DataSources>();
        services.AddSingleton<Notifier>();
        services.AddHostedService(s => s.GetRequiredService<Notifier>());
        services.AddSingleton<MembershipSession>();
        services.AddSingleton<PostgresStream>();
        services.AddSingleton(s => s.GetRequiredService<DataSources>().StreamsOnPostgres
            ? s.GetRequiredService<PostgresStream>()
            : Kafka(s) as IEventStream);
        services.AddSingleton(s => new PreviousStream(
            s.GetRequiredService<IEventStream>() is not PostgresStream ? s.GetRequiredService<PostgresStream>()
                : s.GetRequiredService<DataSources>().KafkaConnectionString is null ? null
                : Kafka(s),
            s.GetRequiredService<DataSources>()));
        services.AddSingleton<ConsumerProgress>();
        services.AddSingleton(s => new StreamStatus(
            s.GetServices<ServiceDatabase>(), s.GetServices<ConsumerGroup>(), s.GetRequiredService<IEventStream>(), s.GetRequiredService<PreviousStream>(),
            s.GetRequiredService<IEventStream>() as IStreamClock ?? new PostgresStreamClock(s.GetRequiredService<DataSources>()),
            s.GetRequiredService<EventingOptions>(), s.GetRequiredService<TimeProvider>()));
        services.AddSingleton<StreamHealth>();
        services.AddHostedService<StreamStatusWorker>();
        services.AddSingleton<DatabaseStartup>();
        services.AddHostedService<PartitionMaintenance>();
        services.AddHostedService<ReplicaWatch>();
        services.AddSingleton(new SharedMigrations(MigrationSet.FromAssembly("eventing", typeof(EventingExtensions).Assembly, "Service")));
    }
}

/// <summary>Adds consumer groups to a service.</summary>
public sealed partial class EventingBuilder<TDatabase>(IServiceCollection services)
    where TDatabase : ServiceDatabase
{
    /// <summary>Hands the events of <paramref name="topics"/> to one instance of <typeparamref name="THandler"/>.</summary>
    /// <param name="group">Unique in the platform, prefixed by the service; renaming it reads everything again.</param>
    /// <param name="eventTypes">Only these; all when empty.</param>
    /// <param name="configure">Further settings of the group.</param>
    public EventingBuilder<TDatabase> AddConsumer<THandler>(
        string group, IReadOnlyList<Topic> topics, IReadOnlyList<string>? eventTypes = null, Func<ConsumerGroup, ConsumerGroup>? configure = null)
        where THandler : class, IEventHandler
    {
        services.TryAddSingleton<THandler>();
        return AddGroup(group, topics, eventTypes, configure, s => s.GetRequiredService<THandler>());
    }

    private EventingBuilder<TDatabase> AddGroup(
        string group, IReadOnlyList<Topic> topics, IReadOnlyList<string>? eventTypes, Func<ConsumerGroup, ConsumerGroup>? configure,
        Func<IServiceProvider, IEventHandler> handler)
    {
        services.TryAddSingleton<ConsumerGroupNames>();

        // One object a registration, which others can find as well: all groups of this process are ConsumerGroup services.
        var key = new object();
        services.AddKeyedSingleton(key, (s, _) =>
        {
            var settings = new ConsumerGroup(group, s.GetRequiredService<TDatabase>(), topics)
            {
                EventTypes = new HashSet<string>(eventTypes ?? [], StringComparer.Ordinal),
            };
            settings = configure?.Invoke(settings) ?? settings;
            s.GetRequiredService<ConsumerGroupNames>().Claim(settings);
            return settings;
        });
        services.AddSingleton(s => s.GetRequiredKeyedService<ConsumerGroup>(key));
        services.AddSingleton<IHostedService>(s => new ConsumerWorker(
            s.GetRequiredKeyedService<ConsumerGroup>(key),
            handler(s),
            s.GetRequiredService<IEventStream>(),
            s.GetRequiredService<PreviousStream>(),
            s.GetRequiredService<EventingOptions>(),
            s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ConsumerProgress>(),
            s.GetRequiredService<ILogger<ConsumerWorker>>()));
        return this;
    }
}
