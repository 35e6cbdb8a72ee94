using Microsoft.AspNetCore.Http;

namespace Platform.ServiceDefaults.Requests;

/// <summary>An answer whose bytes are known: what is stored for a replay is exactly what was sent.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Body">UTF-8 JSON; empty for none.</param>
public sealed record JsonAnswer(int Status, ReadOnlyMemory<byte> Body) : IResult
{
    /// <summary>Where the new object is; sent as <c>Location</c>.</summary>
    public string? Location { get; init; }

    /// <summary>The entity tag, with its quotes.</summary>
    public string? EntityTag { get; init; }
    public string ContentType { get; init; } = "application/json";

    /// <summary>True when this is a stored answer of an earlier request.</summary>
    public bool Replayed { get; init; }

    public static JsonAnswer Ok(ReadOnlyMemory<byte> body) => new(StatusCodes.Status200OK, body);

    public static JsonAnswer Created(string location, ReadOnlyMemory<byte> body) => new(StatusCodes.Status201Created, body) { Location = location };

    public static JsonAnswer NoContent() => new(StatusCodes.Status204NoContent, ReadOnlyMemory<byte>.Empty);

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = Status;
        if (Location is not null)
        {
            response.Headers.Location = Location;
        }

        if (EntityTag is not null)
        {
            response.Headers.ETag = EntityTag;
        }

        if (Replayed)
        {
            response.Headers["Idempotency-Replayed"] = "true";
        }

        if (Body.IsEmpty)
        {
            return Task.CompletedTask;
        }

        response.ContentType = ContentType;
        response.ContentLength = Body.Length;
        return response.Body.WriteAsync(Body, httpContext.RequestAborted).AsTask();
    }
}
