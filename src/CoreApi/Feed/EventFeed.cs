using System.Collections.Concurrent;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Feed;
using Platform.ServiceDefaults.Problems;

namespace Platform.CoreApi.Feed;

/// <summary>Opens connections to the feed and counts them.</summary>
internal sealed class EventFeed(CoreDatabase database, FeedHub hub, FeedOptions options, IAuthenticator authenticator, IHostApplicationLifetime lifetime, TimeProvider clock)
    : IEventFeed
{
    private readonly ConcurrentDictionary<Guid, int> _open = new();

    public CoreDatabase Database => database;
    public FeedHub Hub => hub;
    public IAuthenticator Authenticator => authenticator;
    public CancellationToken Stopping => lifetime.ApplicationStopping;
    public TimeProvider Clock => clock;

    /// <summary>Streams of a tenant in this process.</summary>
    public int CountOf(Guid tenant) => _open.GetValueOrDefault(tenant);

    public (IFeedConnection? Connection, Problem? Problem) Open(HttpContext http, string transport)
    {
        var tenant = http.Principal().TenantId;
        var open = _open.AddOrUpdate(tenant, 1, (_, count) => count + 1);
        if (open > options.MaxConnections)
        {
            Leave(tenant);
            return (null, TooMany(options.MaxConnections));
        }

        FeedTelemetry.Clients.Add(1, new KeyValuePair<string, object?>("transport", transport));
        return (new FeedConnection(this, http, transport), null);
    }

    public void Close(Guid tenant, string transport)
    {
        Leave(tenant);
        FeedTelemetry.Clients.Add(-1, new KeyValuePair<string, object?>("transport", transport));
    }

    public static Problem TooMany(int limit) =>
        new(StatusCodes.Status429TooManyRequests, "too_many_streams", "Too many streams", $"{limit} streams of this organization are open here; close some first.") { RetryAfter = 5 };

    private void Leave(Guid tenant)
    {
        // Whoever takes the last one away removes the entry, unless somebody has come meanwhile.
        if (_open.AddOrUpdate(tenant, 0, (_, count) => count - 1) <= 0)
        {
            _open.TryRemove(KeyValuePair.Create(tenant, 0));
        }
    }
}
