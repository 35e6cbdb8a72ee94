using Platform.ServiceDefaults.Feed;

namespace Platform.CoreApi.Feed;

/// <summary>
/// A place in the feed. Near the head it reads what the hub keeps in memory, further back the table, page by page until it has reached what is in memory:
/// both are numbered without a hole, so there is no seam.
/// </summary>
internal sealed class FeedSubscription(EventFeed owner, FeedConnection connection, TenantFeed feed, EventFilter filter, long after) : IFeedSubscription
{
    private const int MaxItems = 256;
    private const int MaxBytes = 256 * 1024;

    /// <summary>Pages without anything wanted that are read in one go; in between, the client is looked after.</summary>
    private const int MaxEmptyPages = 10;

    private readonly List<FeedEvent> _recent = [];
    private int _setBacks = feed.SetBack.Times;

    public long Position { get; private set; } = after;

    public async ValueTask<IReadOnlyList<FeedItem>> ReadAsync(CancellationToken cancellationToken)
    {
        var setBack = feed.SetBack;
        if (_setBacks != setBack.Times)
        {
            _setBacks = setBack.Times;
            Position = setBack.To;
            return [new(Position, null, new(null, null, FeedGap.UnknownPosition))];
        }

        for (var pages = 0; pages < MaxEmptyPages;)
        {
            var before = Position;
            var items = TryReadRecent();
            if (items is null)
            {
                items = await ReadPageAsync(cancellationToken);
                pages++;
            }

            if (items.Count > 0 || Position == before)
            {
                return items;
            }
        }

        connection.IsBehind = true;
        return [];
    }

    /// <summary>Null when memory does not reach back to the position.</summary>
    private List<FeedItem>? TryReadRecent()
    {
        _recent.Clear();
        if (!feed.TryRead(Position, _recent, MaxItems, MaxBytes))
        {
            return null;
        }

        var items = new List<FeedItem>(_recent.Count);
        foreach (var recent in _recent)
        {
            Position = recent.Position;
            if (filter.Matches(recent))
            {
                items.Add(new(recent.Position, recent, null));
            }
        }

        return items;
    }

    private async Task<List<FeedItem>> ReadPageAsync(CancellationToken cancellationToken)
    {
        await owner.Hub.Pages.WaitAsync(cancellationToken);
        FeedPage page;
        try
        {
            page = await FeedRows.ReadAsync(owner.Database, feed.Tenant, filter, Position, MaxItems, cancellationToken);
        }
        finally
        {
            owner.Hub.Pages.Release();
        }

        FeedTelemetry.Pages.Add(1);
        var items = new List<FeedItem>(page.Events.Count + 1);
        if (Position > 0 && page.Ends.Floor > Position)
        {
            items.Add(new(page.Ends.Floor, null, new(Position + 1, page.Ends.Floor, FeedGap.Expired)));
        }

        items.AddRange(page.Events.Select(e => new FeedItem(e.Position, e, null)));
        Position = page.Scanned;
        return items;
    }
}
