using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Platform.ServiceDefaults.Grpc.Hosting;
using Platform.ServiceDefaults.Grpc.Transcoding;
using Platform.ServiceDefaults.Grpc.Wire;

namespace Platform.ServiceDefaults.Grpc;

/// <summary>
/// First in the pipeline: calls of gRPC are served here, by running the rest of the pipeline on an inner request; all else goes on as it came.
/// What gRPC over HTTP/2 asks of a server stands here and in <see cref="GrpcCall"/>.
/// </summary>
internal sealed partial class GrpcMiddleware(
    RequestDelegate next, IEnumerable<RpcService> services, GrpcOptions options, TimeProvider clock, ILogger<GrpcMiddleware> logger)
{
    private readonly Dictionary<string, Rpc> _methods = services.SelectMany(s => s.Methods).ToDictionary(m => m.Path, StringComparer.Ordinal);
    private readonly HashSet<string> _services = services.Select(s => s.Name).ToHashSet(StringComparer.Ordinal);

    public Task InvokeAsync(HttpContext http)
    {
        var isGrpcPort = http.Features.Get<IGrpcListener>() is not null;
        if (!HttpProtocol.IsHttp2(http.Request.Protocol) || !GrpcContentType.IsGrpc(http.Request.ContentType))
        {
            return isGrpcPort ? RefuseAsync(http, StatusCodes.Status415UnsupportedMediaType) : next(http);
        }

        if (!HttpMethods.IsPost(http.Request.Method))
        {
            http.Response.Headers.Allow = HttpMethods.Post;
            return RefuseAsync(http, StatusCodes.Status405MethodNotAllowed);
        }

        return ServeAsync(http);
    }

    private static Task RefuseAsync(HttpContext http, int status)
    {
        http.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    private async Task ServeAsync(HttpContext http)
    {
        using var call = new GrpcCall(http, options, clock);
        GrpcStatus status;
        try
        {
            call.Accept();
            status = _methods.TryGetValue(http.Request.Path.Value ?? "", out var method)
                ? await method.InvokeAsync(call, next)
                : Unknown(http.Request.Path.Value ?? "");
            if (call.IsLate)
            {
                status = GrpcStatus.TooLate;
            }
        }
        catch (GrpcException e)
        {
            status = e.Status;
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone; nobody reads a status.
            status = new(GrpcCode.Cancelled);
        }
        catch (Exception) when (call.IsLate)
        {
            status = GrpcStatus.TooLate;
        }
        catch (BadHttpRequestException e)
        {
            status = new(GrpcCode.Internal, e.Message);
        }
        catch (BufferFullException e)
        {
            status = new(GrpcCode.ResourceExhausted, e.Message);
        }
        catch (Exception e) when (e is ConnectionResetException or ConnectionAbortedException)
        {
            status = new(GrpcCode.Cancelled);
        }
        catch (Exception e)
        {
            LogFailed(http.Request.Path, e);
            status = new(GrpcCode.Internal, "The call failed for a reason on our side.");
        }

        GrpcTraces.Describe(http.Request.Path.Value ?? "", status.Code);
        await call.EndAsync(status);
    }

    private GrpcStatus Unknown(string path)
    {
        var parts = path.Split('/');
        return parts is ["", var service, var method] && _services.Contains(service)
            ? new(GrpcCode.Unimplemented, $"The service '{service}' has no method '{method}' here.")
            : new(GrpcCode.Unimplemented, "There is no such service here.");
    }

    [LoggerMessage(2501, LogLevel.Error, "The call {Path} failed")]
    private partial void LogFailed(string path, Exception exception);
}
