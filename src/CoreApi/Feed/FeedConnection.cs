using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Feed;
using Platform.ServiceDefaults.Problems;

namespace Platform.CoreApi.Feed;

/// <summary>One client: its place among its organization's, its end, and whether it may still listen.</summary>
internal sealed class FeedConnection : IFeedConnection
{
    private readonly EventFeed _owner;
    private readonly HttpContext _http;
    private readonly string _transport;
    private readonly Principal _principal;
    private readonly string? _scope;
    private readonly CancellationTokenSource _ending;
    private TenantFeed? _feed;
    private bool _isDisposed;

    public FeedConnection(EventFeed owner, HttpContext http, string transport)
    {
        _owner = owner;
        _http = http;
        _transport = transport;
        _principal = http.Principal();
        _scope = http.GetEndpoint()?.Metadata.GetMetadata<EndpointAccess>()?.Scope;
        _ending = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, owner.Stopping);
        Ending = _ending.Token;
    }

    public CancellationToken Ending { get; }

    public bool IsStopping => _owner.Stopping.IsCancellationRequested;

    /// <summary>True when a subscription has more to read although it returned nothing: then there is no waiting.</summary>
    internal bool IsBehind { get; set; }

    public object Mark => _feed?.Changed ?? Task.CompletedTask;

    public async ValueTask<(IFeedSubscription? Subscription, Problem? Problem)> SubscribeAsync(EventFilter filter, long? after, CancellationToken cancellationToken)
    {
        _feed ??= await _owner.Hub.JoinAsync(_principal.TenantId, cancellationToken);
        if (after > _feed.Head)
        {
            var ends = await FeedRows.ReadEndsAsync(_owner.Database, _principal.TenantId, cancellationToken);
            if (after > ends.Head)
            {
                return (null, BeyondHead(after.Value, ends.Head));
            }
        }

        return (new FeedSubscription(_owner, this, _feed, filter, after ?? _feed.Head), null);
    }

    public async Task WaitAsync(object mark, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (IsBehind)
        {
            IsBehind = false;
        }
        else
        {
            await ((Task)mark).WaitAsync(timeout, _owner.Clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public async ValueTask<Problem?> CheckAsync()
    {
        try
        {
            var (principal, problem) = await _owner.Authenticator.AuthenticateAsync(_http);
            return principal is null ? problem
                : principal.TenantId != _principal.TenantId ? KnownProblems.Unauthenticated("The key belongs to another organization.")
                : _scope is not null && !principal.May(_scope) ? KnownProblems.Forbidden(_scope)
                : null;
        }
        catch (Exception)
        {
            // The database is away, so nobody can say. There is nothing to read meanwhile either.
            return null;
        }
    }

    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        if (_feed is not null)
        {
            _owner.Hub.Leave(_feed);
        }

        _ending.Dispose();
        _owner.Close(_principal.TenantId, _transport);
    }

    private static Problem BeyondHead(long after, long head) =>
        KnownProblems.Validation("after", "beyond_head", $"'after' is {after}, but the last position is {head}.");
}
