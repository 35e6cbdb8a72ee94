namespace Platform.Client;

/// <summary>How a client gets its requests through.</summary>
public sealed record PlatformClientOptions
{
    /// <summary>An API key; null where the <see cref="HttpClient"/> brings its own credentials.</summary>
    public string? Key { get; init; }

    /// <summary>Requests that one operation may take, the first included.</summary>
    public int MaxAttempts { get; init; } = 5;

    /// <summary>The longest pause before an attempt where the answer does not say how long.</summary>
    public TimeSpan MaxPause { get; init; } = TimeSpan.FromSeconds(10);

    public TimeProvider Clock { get; init; } = TimeProvider.System;
}

/// <summary>What is particular to one call.</summary>
public sealed record CallOptions
{
    /// <summary>Of a write: the same key with the same request happens once, also across processes. One is made up when it is null.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Only if this is the current version: an entity tag with its quotes.</summary>
    public string? IfMatch { get; init; }

    /// <summary>An id of the caller's, for logs and traces on the other side.</summary>
    public string? RequestId { get; init; }

    /// <summary>Sees the answer of the attempt that succeeded, for its headers.</summary>
    public Action<HttpResponseMessage>? Answered { get; init; }
}
