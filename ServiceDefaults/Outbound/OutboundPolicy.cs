using System.Net;
using Microsoft.Extensions.Configuration;
using Platform.ServiceDefaults.Hosting;

namespace Platform.ServiceDefaults.Outbound;

/// <summary>Which addresses the platform may call on behalf of its users: public ones, and what is allowed by name.</summary>
public sealed class OutboundPolicy
{
    /// <summary>A list of networks such as <c>10.1.0.0/16, ::1/128</c>, or <c>none</c>.</summary>
    public const string Setting = "PLATFORM_OUTBOUND_ALLOW";

    /// <summary><c>true</c> where the platform runs on the developer's own machine; the list above overrides it.</summary>
    public const string LoopbackSetting = "Outbound:AllowLoopback";

    private readonly IPNetwork[] _allowed;

    private OutboundPolicy(IPNetwork[] allowed) => _allowed = allowed;

    /// <summary>Public addresses only.</summary>
    public static OutboundPolicy PublicOnly { get; } = new([]);

    /// <summary>Public addresses and this machine.</summary>
    public static OutboundPolicy WithLoopback { get; } = Parse("127.0.0.0/8, ::1/128");

    /// <exception cref="StartupException">The list holds something that is no network.</exception>
    public static OutboundPolicy Read(IConfiguration configuration)
    {
        if (configuration[Setting] is { } list && !string.IsNullOrWhiteSpace(list))
        {
            return Parse(list);
        }

        return configuration.GetValue<bool>(LoopbackSetting) ? WithLoopback : PublicOnly;
    }

    /// <summary>
    /// True when this address may be called. One that carries an IPv4 address through a gateway (NAT64, 6to4, Teredo) has to be open by
    /// name, and what it carries has to be open as well: opening a gateway does not open what is behind it.
    /// </summary>
    public bool Allows(IPAddress address)
    {
        if (!SpecialAddresses.Contain(address))
        {
            return true;
        }

        var plain = SpecialAddresses.Unwrap(address);
        return Array.Exists(_allowed, n => n.BaseAddress.AddressFamily == plain.AddressFamily && n.Contains(plain))
            && SpecialAddresses.Carried(plain).All(Allows);
    }

    /// <exception cref="StartupException">The list holds something that is no network.</exception>
    internal static OutboundPolicy Parse(string list)
    {
        var text = list.Trim();
        if (string.Equals(text, "none", StringComparison.OrdinalIgnoreCase))
        {
            return PublicOnly;
        }

        return new([.. text.Split([',', ' ', ';'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(ParseNetwork)]);
    }

    private static IPNetwork ParseNetwork(string text)
    {
        var given = text.Contains('/', StringComparison.Ordinal) ? text : text + (text.Contains(':', StringComparison.Ordinal) ? "/128" : "/32");
        return IPNetwork.TryParse(given, out var network)
            ? network
            : throw new StartupException($"{Setting}: '{text}' is not a network such as 10.1.0.0/16.");
    }
}
