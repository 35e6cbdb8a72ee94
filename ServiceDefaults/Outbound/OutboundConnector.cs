using System.Net;
using System.Net.Sockets;

namespace Platform.ServiceDefaults.Outbound;

/// <summary>Looks up a host's addresses; throws <see cref="SocketException"/> where there is none.</summary>
public delegate Task<IPAddress[]> ResolveHost(string host, CancellationToken cancellationToken);

/// <summary>Opens connections to what the policy allows. Every address that a name leads to is judged, and only what was judged is connected to.</summary>
internal sealed class OutboundConnector(OutboundPolicy policy, ResolveHost resolve)
{
    /// <summary>For each address but the last: one that swallows packets must not use up the time of those after it.</summary>
    private static readonly TimeSpan AddressTimeout = TimeSpan.FromMilliseconds(1500);

    private static readonly HttpRequestOptionsKey<OutboundRoute> RouteKey = new("platform.outbound.route");

    /// <exception cref="OutboundBarredException">No address of the host is allowed.</exception>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        if (!context.InitialRequestMessage.Options.TryGetValue(OutboundTrace.Key, out var trace))
        {
            return await ConnectAsync(context.DnsEndPoint, new(), TimeProvider.System, cancellationToken);
        }

        var route = new OutboundRoute();
        trace.Opening(route);
        context.InitialRequestMessage.Options.Set(RouteKey, route);
        return await ConnectAsync(context.DnsEndPoint, route, trace.Clock, cancellationToken);
    }

    /// <summary>What is above TCP and TLS: measured where the request that opened the connection is.</summary>
    public static ValueTask<Stream> Trace(SocketsHttpPlaintextStreamFilterContext context, CancellationToken _)
    {
        var first = context.InitialRequestMessage;
        if (!first.Options.TryGetValue(OutboundTrace.Key, out var trace) || !first.Options.TryGetValue(RouteKey, out var route))
        {
            return ValueTask.FromResult(context.PlaintextStream);
        }

        if (context.PlaintextStream is not NetworkStream)
        {
            route.Tls = trace.Clock.GetElapsedTime(route.ConnectedAt);
        }

        return ValueTask.FromResult<Stream>(new TracedStream(context.PlaintextStream, route));
    }

    private async ValueTask<Stream> ConnectAsync(DnsEndPoint target, OutboundRoute route, TimeProvider clock, CancellationToken cancellationToken)
    {
        var addresses = await AddressesAsync(target.Host, route, clock, cancellationToken);

        // What is checked is what is connected to, so a mapped address is called as the IPv4 one that it is.
        var allowed = addresses.Where(policy.Allows).Select(a => a.IsIPv4MappedToIPv6 ? a.MapToIPv4() : a).ToArray();
        if (allowed.Length == 0)
        {
            throw new OutboundBarredException(target.Host);
        }

        var resolved = clock.GetTimestamp();
        for (var i = 0; ; i++)
        {
            var socket = new Socket(allowed[i].AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            var isLast = i + 1 == allowed.Length;
            try
            {
                route.Address = allowed[i];
                using var impatience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                if (!isLast)
                {
                    impatience.CancelAfter(AddressTimeout);
                }

                await socket.ConnectAsync(new IPEndPoint(allowed[i], target.Port), impatience.Token);
                route.ConnectedAt = clock.GetTimestamp();
                route.Connect = clock.GetElapsedTime(resolved, route.ConnectedAt);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (Exception e) when (!isLast && (e is SocketException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested)))
            {
                socket.Dispose();
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
    }

    private async Task<IPAddress[]> AddressesAsync(string host, OutboundRoute route, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(host.Trim('[', ']'), out var literal))
        {
            return [literal];
        }

        var started = clock.GetTimestamp();
        var addresses = await resolve(host, cancellationToken);
        route.Dns = clock.GetElapsedTime(started);
        return addresses;
    }
}
