using System.Net;
using Microsoft.Extensions.Configuration;
using Platform.ServiceDefaults.Hosting;
using Platform.ServiceDefaults.Outbound;

namespace Platform.Processing.Tests;

/// <summary>Whom the platform calls on behalf of its users, and whom it does not.</summary>
public sealed class OutboundTests
{
    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("1.1.1.1", true)]
    [InlineData("100.63.255.255", true)]
    [InlineData("100.64.0.1", false)]
    [InlineData("100.127.255.255", false)]
    [InlineData("172.15.255.255", true)]
    [InlineData("172.16.0.1", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("172.32.0.1", true)]
    [InlineData("10.255.255.255", false)]
    [InlineData("192.168.1.1", false)]
    [InlineData("127.0.0.1", false)]
    [InlineData("127.255.0.9", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("0.1.2.3", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("192.0.0.8", false)]
    [InlineData("192.0.2.1", false)]
    [InlineData("192.88.99.1", false)]
    [InlineData("198.17.255.255", true)]
    [InlineData("198.18.0.1", false)]
    [InlineData("198.19.255.255", false)]
    [InlineData("198.51.100.7", false)]
    [InlineData("203.0.113.7", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("239.255.255.255", false)]
    [InlineData("240.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("2606:4700:4700::1111", true)]
    [InlineData("::", false)]
    [InlineData("::1", false)]
    [InlineData("::7f00:1", false)]
    [InlineData("::ffff:127.0.0.1", false)]
    [InlineData("::ffff:10.1.2.3", false)]
    [InlineData("::ffff:8.8.8.8", true)]
    [InlineData("::ffff:0:127.0.0.1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fe80::1%3", false)]
    [InlineData("fec0::1", false)]
    [InlineData("fc00::1", false)]
    [InlineData("fdff::1", false)]
    [InlineData("ff02::1", false)]
    [InlineData("2001:db8::1", false)]
    [InlineData("2001::1", false)]
    [InlineData("3fff::1", false)]
    [InlineData("100::1", false)]
    [InlineData("2002:7f00:1::", false)]
    [InlineData("64:ff9b::7f00:1", false)]
    [InlineData("64:ff9b:1::1", false)]
    [InlineData("5f00::1", false)]
    public void Only_public_addresses_are_open(string address, bool open) => Assert.Equal(open, OutboundPolicy.PublicOnly.Allows(IPAddress.Parse(address)));

    [Theory]
    [InlineData("10.1.0.0/16, ::1", "true", "10.1.2.3", true)]
    [InlineData("10.1.0.0/16, ::1", "true", "10.2.2.3", false)]
    [InlineData("10.1.0.0/16, ::1", "true", "::ffff:10.1.2.3", true)]
    [InlineData("10.1.0.0/16, ::1", "true", "::1", true)]
    [InlineData("10.1.0.0/16, ::1", "true", "127.0.0.1", false)]
    [InlineData("none", "true", "127.0.0.1", false)]
    [InlineData(null, "true", "127.0.0.1", true)]
    [InlineData(null, "true", "0.0.0.0", false)]
    [InlineData(null, null, "127.0.0.1", false)]
    [InlineData("", null, "8.8.8.8", true)]
    public void The_setting_opens_what_it_names(string? list, string? loopback, string address, bool open) =>
        Assert.Equal(open, Policy(list, loopback).Allows(IPAddress.Parse(address)));

    [Theory]
    [InlineData("everything")]
    [InlineData("10.0.0.0/33")]
    public void A_setting_that_is_no_network_stops_the_start(string list) =>
        Assert.Contains(OutboundPolicy.Setting, Assert.Throws<StartupException>(() => Policy(list, null)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.1")]
    [InlineData("0x7f000001")]
    [InlineData("2130706433")]
    [InlineData("0177.0.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("[::1]")]
    [InlineData("[::ffff:127.0.0.1]")]
    [InlineData("localhost")]
    [InlineData("localhost.")]
    public async Task No_spelling_of_the_loopback_gets_through(string host)
    {
        await using var receiver = await Receiver.StartAsync(_ => Task.CompletedTask);
        using var client = new HttpClient(OutboundHttp.CreateHandler(OutboundPolicy.PublicOnly));
        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(new Uri($"http://{host}:{receiver.Port}/")));
        Assert.True(refused.InnerException is OutboundBarredException || refused.HttpRequestError == HttpRequestError.NameResolutionError, refused.ToString());
        Assert.Empty(receiver.Calls);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("[::ffff:127.0.0.1]")]
    [InlineData("localhost")]
    public async Task What_is_allowed_is_called(string host)
    {
        await using var receiver = await Receiver.StartAsync(_ => Task.CompletedTask);
        using var client = new HttpClient(OutboundHttp.CreateHandler(OutboundPolicy.WithLoopback));
        using var answer = await client.GetAsync(new Uri($"http://{host}:{receiver.Port}/"));
        Assert.Equal(200, (int)answer.StatusCode);
    }

    private static OutboundPolicy Policy(string? list, string? loopback) => OutboundPolicy.Read(new ConfigurationBuilder().AddInMemoryCollection(
        new Dictionary<string, string?> { [OutboundPolicy.Setting] = list, [OutboundPolicy.LoopbackSetting] = loopback }).Build());
}
