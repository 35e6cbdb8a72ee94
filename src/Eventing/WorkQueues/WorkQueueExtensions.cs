using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Platform.Eventing.Database;
using Platform.Eventing.Status;

namespace Platform.Eventing.WorkQueues;

/// <summary>Gives a service a work queue.</summary>
public static class WorkQueueExtensions
{
    /// <summary>
    /// Registers the worker and its <see cref="WorkSignal{TDatabase}"/>; besides <c>AddEventing&lt;TDatabase&gt;</c>, and with
    /// <see cref="WorkQueue.Migrations"/> among the database's migrations. Settings come from <c>Work:{schema}</c>, for example
    /// <c>Work:processing:Concurrency</c>.
    /// </summary>
    /// <param name="schema">Schema of <typeparamref name="TDatabase"/>.</param>
    public static IServiceCollection AddWorkQueue<TDatabase, THandler, TWork, TResult>(
        this IServiceCollection services, string schema, Action<WorkQueueOptions>? configure = null)
        where TDatabase : ServiceDatabase
        where THandler : class, IWorkHandler<TWork, TResult>
    {
        services.TryAddSingleton<THandler>();
        services.AddSingleton<WorkSignal<TDatabase>>();
        services.AddOptions<WorkQueueOptions>(schema)
            .Configure(o => configure?.Invoke(o))
            .BindConfiguration("Work:" + schema)
            .ValidateDataAnnotations()
            .Validate(
                o => o.Queues.Sum(q => q.Reserved) is var reserved && (reserved < o.Concurrency || o.Queues.Count == 1),
                $"Work:{schema}: the slots reserved for queues are as many as Concurrency, so that nothing else would ever start.")
            .ValidateOnStart();
        services.AddSingleton<IHostedService>(s =>
        {
            var options = s.GetRequiredService<IOptionsMonitor<WorkQueueOptions>>().Get(schema);
            var database = s.GetRequiredService<TDatabase>();
            var sources = s.GetRequiredService<DataSources>();
            var wake = s.GetRequiredService<WorkSignal<TDatabase>>().Signal;
            var clock = s.GetRequiredService<TimeProvider>();
            var engine = new WorkEngine<TWork, TResult>(
                database,
                new WorkClaims(database, sources, options, clock),
                new WorkStore(database, sources, options),
                s.GetRequiredService<THandler>(),
                wake,
                options,
                clock,
                s.GetRequiredService<ILogger<WorkEngine<TWork, TResult>>>());
            return new WorkWorker<TWork, TResult>(
                engine, database, wake, s.GetRequiredService<Notifier>(), clock, s.GetRequiredService<ILogger<WorkWorker<TWork, TResult>>>());
        });
        services.AddSingleton<IHostedService>(s => new WorkStatusWorker(
            s.GetRequiredService<TDatabase>(),
            s.GetRequiredService<DataSources>(),
            s.GetRequiredService<IOptionsMonitor<WorkQueueOptions>>().Get(schema),
            s.GetRequiredService<StreamHealth>(),
            s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ILogger<WorkStatusWorker>>()));
        return services;
    }
}
