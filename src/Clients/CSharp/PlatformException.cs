using System.Net;

namespace Platform.Client;

/// <summary>A fault in the input.</summary>
/// <param name="Pointer">JSON Pointer into the body, or the name of a query parameter or header.</param>
public sealed record PlatformError(string Pointer, string Code, string Detail);

/// <summary>A failure as the API says it, after the last attempt. Match on <see cref="Code"/>.</summary>
public sealed class PlatformException(HttpStatusCode status, string code, string detail) : Exception($"{(int)status} {code}: {detail}")
{
    public HttpStatusCode Status { get; } = status;

    /// <summary>Stable and machine-readable; <c>unknown</c> where the answer was no problem document.</summary>
    public string Code { get; } = code;
    public string Detail { get; } = detail;

    /// <summary>Of <c>validation_failed</c>.</summary>
    public IReadOnlyList<PlatformError> Errors { get; init; } = [];
    public string? RequestId { get; init; }
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>True where the same request can succeed later.</summary>
    public bool IsTransient => Code == "idempotency_in_progress"
        || Status is HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;
}
