using Platform.Analytics.Retention;
using Platform.Analytics.Search;
using Platform.Analytics.Search.Postgres;
using Platform.Analytics.Usage;
using Platform.Contracts.Events;
using Platform.Eventing;
using Platform.ServiceDefaults.Hosting;

namespace Platform.Analytics;

/// <summary>Usage counts and search over what the other services say happened.</summary>
public static class AnalyticsService
{
    /// <summary>Counting and indexing gain most from large batches, and nobody waits for them to the millisecond.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(25);

    public static IServiceCollection AddAnalytics(this IServiceCollection services)
    {
        services.AddEventing<AnalyticsDatabase>(events => events
            .AddConsumer<CountUsage>("analytics.usage", [Topics.Core, Topics.WebhookDelivery, Topics.Analytics],
                configure: group => group with { Linger = Linger })

            // Idempotent by version and by event id, so it needs no inbox.
            .AddConsumer<IndexEvents>("analytics.search", [Topics.Core], configure: group => group with { UseInbox = false, Linger = Linger }));
        services.AddSingleton<ISearchIndex, PostgresSearchIndex>();
        services.AddSingleton<AnalyticsMaintenance>();
        services.AddSingleton<IStartupTask>(s => s.GetRequiredService<AnalyticsMaintenance>());
        services.AddHostedService(s => s.GetRequiredService<AnalyticsMaintenance>());
        return services;
    }

    public static void MapAnalytics(this WebApplication app)
    {
        app.MapUsage();
        app.MapSearch();
    }
}
