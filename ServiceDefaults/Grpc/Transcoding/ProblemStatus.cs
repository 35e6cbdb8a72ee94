using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.AspNetCore.Http;
using Platform.Contracts.Protos.Rpc;
using Platform.ServiceDefaults.Problems;

namespace Platform.ServiceDefaults.Grpc.Transcoding;

/// <summary>
/// Problem documents as a status with <c>google.rpc</c> details. One table says which status an HTTP status is; where HTTP has one status for
/// several things (409), the problem's code decides.
/// </summary>
internal static class ProblemStatus
{
    public const string Domain = "platform";

    /// <summary>Clients refuse more than 8 KiB of trailers as a rule; this leaves room for the rest, and for base64.</summary>
    private const int MaxDetails = 4096;

    /// <summary>Of an answer; OK for 2xx.</summary>
    /// <param name="fieldOf">The field of the message that a parameter of the query came from.</param>
    public static GrpcStatus Of(int status, IHeaderDictionary headers, ReadOnlyMemory<byte> body, Func<string, string>? fieldOf = null)
    {
        if (status is >= 200 and < 300)
        {
            return GrpcStatus.Ok;
        }

        int? retryAfter = int.TryParse(headers.RetryAfter, out var seconds) ? seconds : null;
        var (problem, requestId) = Read(status, body);
        return Of(problem with { RetryAfter = retryAfter }, requestId, fieldOf);
    }

    /// <param name="requestId">Null where the failure came before the request.</param>
    public static GrpcStatus Of(Problem problem, string? requestId = null, Func<string, string>? fieldOf = null)
    {
        var code = CodeOf(problem.Status, problem.Code);
        var status = new Status { Code = (int)code, Message = problem.Detail };
        var info = new ErrorInfo { Reason = problem.Code, Domain = Domain };
        info.Metadata["http_status"] = problem.Status.ToString();
        status.Details.Add(Any.Pack(info));
        if (problem.RetryAfter is { } seconds)
        {
            status.Details.Add(Any.Pack(new RetryInfo { RetryDelay = new Duration { Seconds = seconds } }));
        }

        if (requestId is not null)
        {
            status.Details.Add(Any.Pack(new RequestInfo { RequestId = requestId }));
        }

        AddViolations(status, problem.Errors, fieldOf);
        return new(code, problem.Detail, status.ToByteArray());
    }

    public static GrpcCode CodeOf(int status, string code) => status switch
    {
        StatusCodes.Status400BadRequest => GrpcCode.InvalidArgument,
        StatusCodes.Status401Unauthorized => GrpcCode.Unauthenticated,
        StatusCodes.Status403Forbidden => GrpcCode.PermissionDenied,

        // A method whose route is not here.
        StatusCodes.Status404NotFound when code == "route_not_found" => GrpcCode.Unimplemented,
        StatusCodes.Status410Gone when code.EndsWith("_expired", StringComparison.Ordinal) => GrpcCode.OutOfRange,
        StatusCodes.Status404NotFound or StatusCodes.Status410Gone => GrpcCode.NotFound,
        StatusCodes.Status405MethodNotAllowed or StatusCodes.Status501NotImplemented => GrpcCode.Unimplemented,
        StatusCodes.Status408RequestTimeout or StatusCodes.Status504GatewayTimeout => GrpcCode.DeadlineExceeded,
        StatusCodes.Status409Conflict when code == "idempotency_in_progress" => GrpcCode.Aborted,
        StatusCodes.Status409Conflict when code.EndsWith("_taken", StringComparison.Ordinal) || code.EndsWith("_exists", StringComparison.Ordinal) => GrpcCode.AlreadyExists,
        StatusCodes.Status409Conflict => GrpcCode.FailedPrecondition,

        // A test-and-set that failed: read again and decide anew. FAILED_PRECONDITION would say that trying again is of no use.
        StatusCodes.Status412PreconditionFailed => GrpcCode.Aborted,
        StatusCodes.Status413PayloadTooLarge or StatusCodes.Status429TooManyRequests => GrpcCode.ResourceExhausted,
        StatusCodes.Status416RangeNotSatisfiable => GrpcCode.OutOfRange,
        StatusCodes.Status422UnprocessableEntity => GrpcCode.InvalidArgument,
        StatusCodes.Status499ClientClosedRequest => GrpcCode.Cancelled,
        StatusCodes.Status502BadGateway or StatusCodes.Status503ServiceUnavailable => GrpcCode.Unavailable,
        >= 400 and < 500 => GrpcCode.FailedPrecondition,
        >= 500 => GrpcCode.Internal,
        _ => GrpcCode.Unknown,
    };

    /// <summary>A JSON Pointer as a path in the message: <c>/operations/3/data</c> is <c>operations[3].data</c>. Headers as metadata or field.</summary>
    internal static string FieldOf(string pointer, Func<string, string>? fieldOf = null)
    {
        if (!pointer.StartsWith('/'))
        {
            return pointer switch
            {
                "If-Match" => "if_version",
                _ when pointer.Contains('-', StringComparison.Ordinal) => pointer.ToLowerInvariant(),
                _ => fieldOf?.Invoke(pointer) ?? pointer,
            };
        }

        var path = new StringBuilder();
        foreach (var part in pointer[1..].Split('/'))
        {
            var name = part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            if (name.Length > 0 && name.All(char.IsAsciiDigit))
            {
                path.Append('[').Append(name).Append(']');
            }
            else
            {
                path.Append(path.Length == 0 ? "" : ".").Append(name);
            }
        }

        return path.ToString();
    }

    /// <summary>As many as there is room for.</summary>
    private static void AddViolations(Status status, IReadOnlyList<InputError> errors, Func<string, string>? fieldOf)
    {
        if (errors.Count == 0)
        {
            return;
        }

        var request = new BadRequest();
        var room = MaxDetails - status.CalculateSize();
        foreach (var error in errors)
        {
            var violation = new BadRequest.Types.FieldViolation { Field = FieldOf(error.Pointer, fieldOf), Description = error.Detail, Reason = error.Code };
            room -= violation.CalculateSize() + 4;
            if (room < 0)
            {
                break;
            }

            request.FieldViolations.Add(violation);
        }

        status.Details.Add(Any.Pack(request));
    }

    private static (Problem Problem, string? RequestId) Read(int status, ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return (Read(status, document.RootElement), Text(document.RootElement, "request_id"));
            }
        }
        catch (JsonException)
        {
            // An answer without a problem document; its status has to do.
        }

        return (new(status, "http_" + status, "", $"The request was answered with HTTP status {status}."), null);
    }

    private static Problem Read(int status, JsonElement document)
    {
        var errors = new List<InputError>();
        if (document.TryGetProperty("errors", out var list) && list.ValueKind == JsonValueKind.Array)
        {
            foreach (var error in list.EnumerateArray())
            {
                errors.Add(new(Text(error, "pointer") ?? "", Text(error, "code") ?? "", Text(error, "detail") ?? ""));
            }
        }

        return new(status, Text(document, "code") ?? "http_" + status, "", Text(document, "detail") ?? Text(document, "title") ?? "") { Errors = errors };
    }

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
