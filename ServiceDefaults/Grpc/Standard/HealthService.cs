using Google.Protobuf;
using Platform.Contracts.Protos.Health;
using Platform.ServiceDefaults.Grpc.Transcoding;
using static Platform.Contracts.Protos.Health.HealthCheckResponse.Types;

namespace Platform.ServiceDefaults.Grpc.Standard;

/// <summary><c>grpc.health.v1</c>: what <c>/health/ready</c> says, to everybody.</summary>
internal static class HealthService
{
    public static RpcService Create(HealthStatus health, OpenStreams streams) => new RpcService(HealthReflection.Descriptor.Services[0])
        .Serve("Check", (call, parser) => CheckAsync(call, parser, health))
        .Serve("Watch", (call, parser) => streams.RunAsync(() => WatchAsync(call, parser, health)));

    private static async Task<GrpcStatus> CheckAsync(GrpcCall call, MessageParser parser, HealthStatus health)
    {
        var request = (HealthCheckRequest)await call.ReadOnlyMessageAsync(parser);
        if (!health.Knows(request.Service))
        {
            return new(GrpcCode.NotFound, "There is no such service here.");
        }

        call.Write(new HealthCheckResponse { Status = await health.NowAsync().WaitAsync(call.Cancelled) });
        return GrpcStatus.Ok;
    }

    private static async Task<GrpcStatus> WatchAsync(GrpcCall call, MessageParser parser, HealthStatus health)
    {
        var request = (HealthCheckRequest)await call.ReadOnlyMessageAsync(parser);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(call.Cancelled, health.Stopping);
        var isKnown = health.Knows(request.Service);
        ServingStatus? told = null;
        try
        {
            while (true)
            {
                var now = isKnown ? await health.RecentAsync().WaitAsync(ending.Token) : ServingStatus.ServiceUnknown;
                if (now != told)
                {
                    await call.WriteAsync(new HealthCheckResponse { Status = now });
                    told = now;
                }

                await health.WaitAsync(ending.Token);
            }
        }
        catch (OperationCanceledException) when (health.Stopping.IsCancellationRequested && !call.Cancelled.IsCancellationRequested)
        {
            return GrpcStatus.Stopping;
        }
    }
}
