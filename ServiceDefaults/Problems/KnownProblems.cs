using Microsoft.AspNetCore.Http;

namespace Platform.ServiceDefaults.Problems;

/// <summary>The failures that every service can answer. Those of one capability stand beside it.</summary>
public static class KnownProblems
{
    public static Problem Validation(IReadOnlyList<InputError> errors) =>
        new(StatusCodes.Status400BadRequest, "validation_failed", "The request is not valid",
            errors.Count == 1 ? errors[0].Detail : $"{errors.Count} fields are not valid.") { Errors = errors };

    public static Problem Validation(string pointer, string code, string detail) => Validation([new(pointer, code, detail)]);

    public static Problem MalformedJson(string detail) =>
        new(StatusCodes.Status400BadRequest, "malformed_json", "The body is not valid JSON", detail);

    public static Problem TooDeep(int depth) =>
        new(StatusCodes.Status400BadRequest, "json_too_deep", "The body is nested too deeply", $"JSON may be nested {depth} levels deep.");

    public static Problem BodyTooLarge(long limit) =>
        new(StatusCodes.Status413PayloadTooLarge, "body_too_large", "The body is too large", $"The body may have {limit} bytes.");

    public static Problem UnsupportedMediaType(string? given, string expected) =>
        new(StatusCodes.Status415UnsupportedMediaType, "unsupported_media_type", "The media type is not supported",
            $"Send Content-Type: {expected}{(string.IsNullOrEmpty(given) ? "; none was given." : $" instead of '{given}'.")}");

    /// <summary>Identical for what is not there and for what belongs to somebody else.</summary>
    public static Problem NotFound(string what) =>
        new(StatusCodes.Status404NotFound, "not_found", "Not found", $"There is no such {what}.");

    public static Problem RouteNotFound() =>
        new(StatusCodes.Status404NotFound, "route_not_found", "Not found", "There is nothing at this path.");

    public static Problem MethodNotAllowed() =>
        new(StatusCodes.Status405MethodNotAllowed, "method_not_allowed", "Method not allowed", "This path does not have this method.");

    public static Problem Unauthenticated(string detail) =>
        new(StatusCodes.Status401Unauthorized, "unauthenticated", "Authentication is required", detail);

    public static Problem Forbidden(string scope) =>
        new(StatusCodes.Status403Forbidden, "forbidden", "Not permitted", $"The scope '{scope}' is needed.");

    public static Problem RateLimited(int retryAfter) =>
        new(StatusCodes.Status429TooManyRequests, "rate_limited", "Too many requests", $"Try again in {retryAfter} s.") { RetryAfter = retryAfter };

    public static Problem VersionMismatch(long current) =>
        new(StatusCodes.Status412PreconditionFailed, "version_mismatch", "The version does not match",
            $"The current version is {current}.");

    public static Problem InvalidCursor() => Validation("cursor", "invalid_cursor", "The cursor is not one that this list returned.");

    public static Problem IdempotencyKeyInvalid() =>
        Validation("Idempotency-Key", "invalid_idempotency_key", "The key must have 1 to 255 printable ASCII characters.");

    public static Problem IdempotencyInProgress() =>
        new(StatusCodes.Status409Conflict, "idempotency_in_progress", "The same request is still running",
            "A request with this Idempotency-Key has not finished yet.") { RetryAfter = 1 };

    public static Problem IdempotencyKeyReused() =>
        new(StatusCodes.Status422UnprocessableEntity, "idempotency_key_reused", "The Idempotency-Key belongs to another request",
            "This Idempotency-Key was used with a different request in the last 24 hours.");

    public static Problem Internal() =>
        new(StatusCodes.Status500InternalServerError, "internal_error", "Something went wrong", "The request failed for a reason on our side.");

    public static Problem Unavailable() =>
        new(StatusCodes.Status503ServiceUnavailable, "unavailable", "Temporarily unavailable", "A part that is needed for this is not available now.") { RetryAfter = 1 };
}
