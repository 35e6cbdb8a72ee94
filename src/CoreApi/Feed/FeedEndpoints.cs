using Microsoft.Extensions.Options;
using Platform.CoreApi.Feed.Sse;
using Platform.CoreApi.Feed.WebSockets;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Feed;
using Platform.ServiceDefaults.Hosting;
using Platform.ServiceDefaults.OpenApi;

namespace Platform.CoreApi.Feed;

internal static class FeedEndpoints
{
    public static void AddFeed(this IServiceCollection services)
    {
        services.AddOptions<FeedOptions>().BindConfiguration("Feed").ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(s => s.GetRequiredService<IOptions<FeedOptions>>().Value);
        services.AddSingleton<FeedHub>();
        services.AddHostedService(s => s.GetRequiredService<FeedHub>());
        services.AddSingleton<FeedDays>();
        services.AddSingleton<IStartupTask>(s => s.GetRequiredService<FeedDays>());
        services.AddHostedService(s => s.GetRequiredService<FeedDays>());
        services.AddSingleton<IEventFeed, EventFeed>();
    }

    public static void MapFeed(this WebApplication app)
    {
        app.UseWebSockets();
        app.MapGet("/v1/events", ListEvents.HandleAsync).RequireScope(Scopes.EventsRead).Describe(() => FeedDescriptions.List);
        app.MapGet("/v1/events/stream", StreamEvents.HandleAsync).RequireScope(Scopes.EventsRead).Describe(() => FeedDescriptions.Stream);
        app.MapGet("/v1/events/{id}", GetEvent.HandleAsync).RequireScope(Scopes.EventsRead).Describe(() => FeedDescriptions.Get);
        app.MapGet("/v1/stream", OpenSocket.HandleAsync).RequireScope(Scopes.EventsRead).Describe(() => FeedDescriptions.Socket);
    }
}
