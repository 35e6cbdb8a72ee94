using System.Net;
using Platform.ServiceDefaults.Outbound;

namespace Platform.ServiceDefaults.Tests.Outbound;

/// <summary>IPv6 addresses that carry an IPv4 address through a gateway, and the corners of what is public.</summary>
public sealed class CarriedAddressTests
{
    /// <summary>Where the gateway is open by name, what is behind it is judged by itself.</summary>
    [Theory]
    [InlineData("64:ff9b::/96", "64:ff9b::8.8.8.8", true)]
    [InlineData("64:ff9b::/96", "64:ff9b::127.0.0.1", false)]
    [InlineData("64:ff9b::/96", "64:ff9b::169.254.169.254", false)]
    [InlineData("64:ff9b::/96, 10.0.0.0/8", "64:ff9b::10.1.2.3", true)]
    [InlineData("10.0.0.0/8", "64:ff9b::10.1.2.3", false)]
    [InlineData("64:ff9b:1::/48", "64:ff9b:1::8.8.8.8", true)]
    [InlineData("64:ff9b:1::/48", "64:ff9b:1::10.0.0.1", false)]
    [InlineData("64:ff9b:1::/48", "64:ff9b:1:a9fe:a9:fe00::", false)]
    [InlineData("64:ff9b:1::/48", "64:ff9b:1:a9fe:a9:fe00:808:808", false)]
    [InlineData("64:ff9b:1::/48", "64:ff9b:1::", false)]
    [InlineData("2002::/16", "2002:808:808::1", true)]
    [InlineData("2002::/16", "2002:7f00:1::1", false)]
    [InlineData("2002::/16", "2002:c0a8:101::1", false)]
    [InlineData("2001::/32", "2001:0:808:808:0:0:f7f7:f7f7", true)]
    [InlineData("2001::/32", "2001:0:808:808:0:0:80ff:fffe", false)]
    [InlineData("2001::/32", "2001:0:7f00:1:0:0:f7f7:f7f7", false)]
    [InlineData("::/96", "::7f00:1", false)]
    [InlineData("::/96", "::808:808", true)]
    [InlineData("::1", "::1", true)]
    [InlineData("::ffff:0:0:0/96", "::ffff:0:127.0.0.1", false)]
    [InlineData("::ffff:0:0:0/96", "::ffff:0:8.8.8.8", true)]
    public void Opening_a_gateway_opens_nothing_behind_it(string allowed, string address, bool open) =>
        Assert.Equal(open, OutboundPolicy.Parse(allowed).Allows(IPAddress.Parse(address)));

    [Theory]
    [InlineData("168.63.129.16", false)]
    [InlineData("168.63.129.17", true)]
    [InlineData("100.100.100.200", false)]
    [InlineData("192.0.0.192", false)]
    [InlineData("fd00:ec2::254", false)]
    [InlineData("2001:2::1", false)]
    [InlineData("2001:1ff:ffff::1", false)]
    [InlineData("2001:200::1", true)]
    [InlineData("2001:4860:4860::8888", true)]
    [InlineData("9.255.255.255", true)]
    [InlineData("11.0.0.0", true)]
    [InlineData("126.255.255.255", true)]
    [InlineData("128.0.0.1", true)]
    [InlineData("169.253.255.255", true)]
    [InlineData("169.255.0.0", true)]
    [InlineData("192.167.255.255", true)]
    [InlineData("192.169.0.0", true)]
    [InlineData("198.20.0.0", true)]
    [InlineData("223.255.255.255", true)]
    [InlineData("1.0.0.0", true)]
    [InlineData("fbff::1", true)]
    [InlineData("feff::1", false)]
    [InlineData("::ffff:169.254.169.254", false)]
    [InlineData("::ffff:168.63.129.16", false)]
    public void The_edges_of_what_is_public(string address, bool open) => Assert.Equal(open, OutboundPolicy.PublicOnly.Allows(IPAddress.Parse(address)));
}
