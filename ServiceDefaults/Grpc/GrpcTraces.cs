using System.Diagnostics;

namespace Platform.ServiceDefaults.Grpc;

/// <summary>What OpenTelemetry's RPC conventions ask for, beside the route that the inner request gave to the span.</summary>
internal static class GrpcTraces
{
    public static void Describe(string path, GrpcCode code)
    {
        if (Activity.Current is not { } activity || !activity.Source.HasListeners())
        {
            return;
        }

        var parts = path.Split('/');
        activity.SetTag("rpc.system", "grpc");
        activity.SetTag("rpc.grpc.status_code", (int)code);
        if (parts is ["", var service, var method])
        {
            activity.SetTag("rpc.service", service);
            activity.SetTag("rpc.method", method);
        }
    }
}
