using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Platform.ServiceDefaults.Problems;

/// <summary>The one place where what nobody expected becomes a problem document: bugs are 500, an absent database is 503.</summary>
internal sealed partial class ExceptionMiddleware(RequestDelegate next, ILogger<ExceptionMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext http)
    {
        Problem problem;
        try
        {
            await next(http);
            if (http.Response.HasStarted)
            {
                return;
            }

            // Answered by routing, which sets a bare status: nothing at this path, or not with this method.
            if (http.Response.StatusCode == StatusCodes.Status405MethodNotAllowed)
            {
                problem = KnownProblems.MethodNotAllowed();
            }
            else if (http.Response.StatusCode == StatusCodes.Status404NotFound && http.GetEndpoint() is null)
            {
                problem = KnownProblems.RouteNotFound();
            }
            else
            {
                return;
            }
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone; nobody reads an answer. The status is for logs and metrics.
            if (!http.Response.HasStarted)
            {
                http.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            }

            return;
        }
        catch (Exception e) when (http.Response.HasStarted)
        {
            // A part of the answer is out. Cutting the connection is all that still tells the caller that it is not whole.
            LogCut(http.Request.Method, http.Request.Path, e);
            http.Abort();
            return;
        }
        catch (Exception e)
        {
            problem = Describe(e);
            if (problem.Status >= 500)
            {
                LogFailed(http.Request.Method, http.Request.Path, problem.Status, e);
            }

            http.Response.Clear();
            http.Response.Headers["X-Request-Id"] = http.TraceIdentifier;
        }

        try
        {
            await problem.ExecuteAsync(http);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone before its answer.
        }
    }

    private static Problem Describe(Exception e) => e switch
    {
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => KnownProblems.BodyTooLarge(Requests.JsonBody.MaxBytes),
        BadHttpRequestException bad => new(bad.StatusCode, "bad_request", "The request is not valid HTTP", bad.Message),
        PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure } => KnownProblems.Unavailable(),
        PostgresException p when p.SqlState.StartsWith("57", StringComparison.Ordinal) || p.SqlState.StartsWith("53", StringComparison.Ordinal) => KnownProblems.Unavailable(),
        PostgresException => KnownProblems.Internal(),
        NpgsqlException or TimeoutException => KnownProblems.Unavailable(),
        _ => KnownProblems.Internal(),
    };

    [LoggerMessage(2001, LogLevel.Error, "{Method} {Path} failed with {Status}")]
    private partial void LogFailed(string method, string path, int status, Exception exception);

    [LoggerMessage(2002, LogLevel.Error, "{Method} {Path} failed in the middle of its answer, which was cut off")]
    private partial void LogCut(string method, string path, Exception exception);
}
