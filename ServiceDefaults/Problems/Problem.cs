using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Platform.ServiceDefaults.Requests;

namespace Platform.ServiceDefaults.Problems;

/// <summary>One fault in the input.</summary>
/// <param name="Pointer">JSON Pointer (RFC 6901) into the body, or the name of a query parameter or header.</param>
/// <param name="Code">Machine-readable: <c>required</c>, <c>unknown_field</c>, <c>wrong_type</c>, ...</param>
/// <param name="Detail">For people.</param>
public sealed record InputError(string Pointer, string Code, string Detail);

/// <summary>An expected failure, answered as an RFC 9457 problem document.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Code">Stable and machine-readable; also the end of the problem's <c>type</c>.</param>
/// <param name="Title">The same for every occurrence.</param>
/// <param name="Detail">About this occurrence.</param>
public sealed record Problem(int Status, string Code, string Title, string Detail) : IResult
{
    /// <summary>Prefix of <c>type</c>; the codes are listed in docs/guides/errors.md.</summary>
    public const string TypePrefix = "urn:platform:problem:";

    public IReadOnlyList<InputError> Errors { get; init; } = [];

    /// <summary>Seconds for <c>Retry-After</c>; none when null.</summary>
    public int? RetryAfter { get; init; }

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = Status;
        response.ContentType = "application/problem+json";
        if (RetryAfter is { } seconds)
        {
            response.Headers.RetryAfter = seconds.ToString();
        }

        var body = ToJson(RequestId.Of(httpContext));
        response.ContentLength = body.Length;
        return response.Body.WriteAsync(body, httpContext.RequestAborted).AsTask();
    }

    /// <summary>The document, UTF-8.</summary>
    public byte[] ToJson(string requestId)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("type", TypePrefix + Code);
            json.WriteString("title", Title);
            json.WriteNumber("status", Status);
            json.WriteString("detail", Detail);
            json.WriteString("code", Code);
            json.WriteString("request_id", requestId);
            if (Errors.Count > 0)
            {
                json.WriteStartArray("errors");
                foreach (var error in Errors)
                {
                    json.WriteStartObject();
                    json.WriteString("pointer", error.Pointer);
                    json.WriteString("code", error.Code);
                    json.WriteString("detail", error.Detail);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
