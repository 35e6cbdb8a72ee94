using System.ComponentModel.DataAnnotations;

namespace Platform.CoreApi.Feed;

/// <summary>How the event feed is kept and streamed; section <c>Feed</c>.</summary>
public sealed class FeedOptions
{
    /// <summary>How long events can be read again. Whole days are dropped; 7 days by default.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Streams of one organization in this process; one more is answered with 429.</summary>
    [Range(1, 1_000_000)]
    public int MaxConnections { get; set; } = 1000;

    /// <summary>A client that takes nothing for so long is disconnected.</summary>
    public TimeSpan SlowClientTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a silent stream says that it is alive.</summary>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>What SSE clients are told to wait before they connect again.</summary>
    public TimeSpan Retry { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How often events that other instances recorded are looked for while anybody listens.</summary>
    public TimeSpan Poll { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Recent events kept in memory for each organization that has listeners; who is further behind reads the table.</summary>
    [Range(1, 1_000_000)]
    public int RecentEvents { get; set; } = 4096;

    /// <summary>Bytes of data that these recent events may have together; the latest one is always kept.</summary>
    [Range(1, int.MaxValue)]
    public int RecentBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>Origins (<c>https://app.example.com</c>) whose pages may open the WebSocket, beside the API's own.</summary>
    public string[] AllowedOrigins { get; set; } = [];

    /// <summary>Subscriptions of one WebSocket.</summary>
    [Range(1, 1000)]
    public int MaxSubscriptions { get; set; } = 32;
}
