using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Platform.ServiceDefaults.Grpc.Hosting;

/// <summary>
/// The web server with a second Kestrel beside it that speaks HTTP/2 without TLS, for gRPC. One Kestrel cannot do both: a listener in code
/// would push aside the addresses that configuration gives for REST, and the limits of streams differ from those of requests. Both serve
/// the same pipeline and stop together.
/// </summary>
/// <param name="main">Serves REST.</param>
/// <param name="port">0 for any.</param>
internal sealed class GrpcServer(
    IServer main, int port, GrpcOptions options, GrpcEndpoint endpoint, IConnectionListenerFactory transport, IServiceProvider services, ILoggerFactory loggers)
    : IServer
{
    /// <summary>What Kestrel takes in for a stream whose window is shut.</summary>
    private const double BufferedBytes = 64 * 1024;

    private KestrelServer? _grpc;

    public IFeatureCollection Features => main.Features;

    public async Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull
    {
        await main.StartAsync(application, cancellationToken);
        _grpc = new KestrelServer(Options.Create(Configure()), transport, loggers);
        await _grpc.StartAsync(application, cancellationToken);
        endpoint.Address = new(_grpc.Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    public Task StopAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(main.StopAsync(cancellationToken), _grpc?.StopAsync(cancellationToken) ?? Task.CompletedTask);

    public void Dispose()
    {
        _grpc?.Dispose();
        main.Dispose();
    }

    private KestrelServerOptions Configure()
    {
        var kestrel = new KestrelServerOptions { ApplicationServices = services, AddServerHeader = false };

        // The transport counts the bytes of each message; a stream may have any number of them.
        kestrel.Limits.MaxRequestBodySize = null;

        // The server's default is 5 s, and cuts all streams of a connection because of one consumer that takes a breath.
        kestrel.Limits.MinResponseDataRate = new(BufferedBytes / options.StallTimeout.TotalSeconds, options.StallTimeout);

        // Finds the peers that have vanished without a word while a stream was silent.
        kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
        kestrel.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(20);
        Listen(kestrel, MainHost());
        return kestrel;
    }

    /// <summary>Where REST listens first, gRPC does: on this machine only, on one address, or on all.</summary>
    private string MainHost() =>
        main.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() is { } address ? BindingAddress.Parse(address).Host : "localhost";

    private void Listen(KestrelServerOptions kestrel, string host)
    {
        if (host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
        {
            // Both families; but the system gives a free port on one of them only.
            if (port == 0)
            {
                kestrel.Listen(IPAddress.Loopback, port, Speak);
            }
            else
            {
                kestrel.ListenLocalhost(port, Speak);
            }
        }
        else if (IPAddress.TryParse(host.Trim('[', ']'), out var address) && !address.Equals(IPAddress.IPv6Any))
        {
            kestrel.Listen(address, port, Speak);
        }
        else
        {
            kestrel.ListenAnyIP(port, Speak);
        }
    }

    private static void Speak(ListenOptions listener)
    {
        listener.Protocols = HttpProtocols.Http2;
        listener.Use(connect => connection =>
        {
            connection.Features.Set<IGrpcListener>(GrpcListener.Instance);
            return connect(connection);
        });
    }
}

/// <summary>Marks the connections of the gRPC port.</summary>
internal interface IGrpcListener;

internal sealed class GrpcListener : IGrpcListener
{
    public static GrpcListener Instance { get; } = new();
}

/// <summary>Where gRPC is served.</summary>
public sealed class GrpcEndpoint
{
    /// <summary>Null before the start, and where there is no gRPC port.</summary>
    public Uri? Address { get; internal set; }
}
