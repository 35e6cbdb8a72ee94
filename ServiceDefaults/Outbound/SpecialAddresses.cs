using System.Net;
using System.Net.Sockets;

namespace Platform.ServiceDefaults.Outbound;

/// <summary>
/// Addresses that are not somebody's public host: IANA's special-purpose registries for IPv4 and IPv6, multicast, and the IPv6 forms that carry
/// an IPv4 address through a gateway.
/// </summary>
internal static class SpecialAddresses
{
    private static readonly IPNetwork[] Networks = [.. new[]
    {
        // This host, private use, shared (carrier NAT), loopback, link-local.
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16",

        // Protocol assignments, documentation, 6to4 relays, benchmarking, multicast, reserved and broadcast.
        "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",

        // A public number that is the host itself inside one cloud: it hands out the machine's configuration.
        "168.63.129.16/32",

        // Unspecified, loopback and IPv4-compatible; IPv4-translated; NAT64, well-known and local.
        "::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48",

        // Discard, dummy, protocol assignments (Teredo, benchmarking, ORCHID), documentation, 6to4, segment routing, unique local, link-local,
        // site-local, multicast.
        "100::/64", "100:0:0:1::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "2002::/16", "5f00::/16", "fc00::/7",
        "fe80::/10", "fec0::/10", "ff00::/8",
    }.Select(n => IPNetwork.Parse(n))];

    /// <summary>True for an address that must not be called unless it is allowed by name.</summary>
    public static bool Contain(IPAddress address)
    {
        var plain = Unwrap(address);
        foreach (var network in Networks)
        {
            if (network.BaseAddress.AddressFamily == plain.AddressFamily && network.Contains(plain))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The address that is really meant: IPv4 out of <c>::ffff:a.b.c.d</c>, and without a zone.</summary>
    public static IPAddress Unwrap(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        return address.AddressFamily == AddressFamily.InterNetworkV6 && address.ScopeId != 0 ? new IPAddress(address.GetAddressBytes()) : address;
    }

    /// <summary>The IPv4 addresses that a gateway would call for this one; none for an address that no gateway takes apart.</summary>
    public static IEnumerable<IPAddress> Carried(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return [];
        }

        var bytes = address.GetAddressBytes();
        bool In(string network) => IPNetwork.Parse(network).Contains(address);
        IPAddress At(int a, int b, int c, int d) => new([bytes[a], bytes[b], bytes[c], bytes[d]]);
        if (In("64:ff9b::/96") || In("::ffff:0:0:0/96"))
        {
            return [At(12, 13, 14, 15)];
        }

        if (In("64:ff9b:1::/48"))
        {
            // The prefix may be /48 or longer: both places where the address can lie are read, and what is empty is not meant.
            IPAddress[] both = [At(6, 7, 9, 10), At(12, 13, 14, 15)];
            var meant = both.Where(a => !a.Equals(IPAddress.Any)).ToArray();
            return meant.Length == 0 ? both : meant;
        }

        if (In("2002::/16"))
        {
            return [At(2, 3, 4, 5)];
        }

        if (In("2001::/32"))
        {
            // Teredo: the server, and the client with every bit turned over.
            return [At(4, 5, 6, 7), new([(byte)~bytes[12], (byte)~bytes[13], (byte)~bytes[14], (byte)~bytes[15]])];
        }

        // IPv4-compatible; the unspecified and the loopback address lie in the same network and carry nothing.
        return In("::/96") && !address.Equals(IPAddress.IPv6Any) && !address.Equals(IPAddress.IPv6Loopback) ? [At(12, 13, 14, 15)] : [];
    }
}
