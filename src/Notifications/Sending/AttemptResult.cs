namespace Platform.Notifications.Sending;

/// <summary>What came of an attempt.</summary>
/// <param name="At">When it was sent; also its <c>webhook-timestamp</c>.</param>
/// <param name="Status">The answer's status; null when there was none.</param>
/// <param name="Error">One of <see cref="AttemptError"/>; null when it succeeded.</param>
/// <param name="Detail">More about the error, for people.</param>
internal sealed record AttemptResult(DateTimeOffset At, TimeSpan Duration, int? Status, string? Error, string? Detail)
{
    /// <summary>The header lines of the request as it was sent; what looks secret is masked.</summary>
    public string? RequestHeaders { get; init; }

    public AttemptTiming? Timing { get; init; }

    /// <summary>The beginning of the answer's header lines.</summary>
    public string? ResponseHeaders { get; init; }

    /// <summary>The beginning of the answer's body, as bytes: it need not be text.</summary>
    public ReadOnlyMemory<byte> ResponseBody { get; init; }

    /// <summary>The address that was connected to, or was tried last.</summary>
    public string? Address { get; init; }

    /// <summary>What a 429 or 503 asked for, within bounds.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public bool Succeeded => Error is null;
}

/// <summary>Why an attempt failed: stable and machine-readable.</summary>
internal static class AttemptError
{
    public const string Timeout = "timeout";
    public const string NameNotResolved = "name_not_resolved";
    public const string ConnectionRefused = "connection_refused";
    public const string ConnectionFailed = "connection_failed";
    public const string ConnectionLost = "connection_lost";
    public const string AddressBlocked = "address_blocked";
    public const string Tls = "tls";
    public const string InvalidResponse = "invalid_response";
    public const string Redirect = "redirect";
    public const string Gone = "gone";
    public const string BadStatus = "bad_status";
}
