using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Platform.Eventing.Database;

namespace Platform.ServiceDefaults.Peers;

/// <summary>Where a service is: in this process, or at <c>Peers:name</c>.</summary>
internal sealed class ServiceAddresses(IServer server, IEnumerable<ServiceDatabase> services, IConfiguration configuration)
{
    private readonly HashSet<string> _here = services.Select(s => s.Schema).ToHashSet(StringComparer.Ordinal);

    /// <exception cref="ServiceCallException">Nobody has said where it is.</exception>
    public Uri Of(string service)
    {
        if (_here.Contains(service) && server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault(a => a.StartsWith("http://", StringComparison.Ordinal)) is { } own)
        {
            return Reachable(own);
        }

        return Uri.TryCreate(configuration["Peers:" + service], UriKind.Absolute, out var peer) && peer.Scheme is "http" or "https"
            ? peer
            : throw new ServiceCallException($"This service does not know where '{service}' is: set Peers__{service} to its address.");
    }

    /// <summary>An address that is listened on for any host is reached by loopback.</summary>
    private static Uri Reachable(string address)
    {
        foreach (var any in (string[])["//0.0.0.0:", "//[::]:", "//*:", "//+:"])
        {
            address = address.Replace(any, "//127.0.0.1:", StringComparison.Ordinal);
        }

        return new(address);
    }
}
