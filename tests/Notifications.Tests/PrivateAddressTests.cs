using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Platform.Notifications.Sending;
using Platform.ServiceDefaults.Outbound;

namespace Platform.Notifications.Tests;

/// <summary>No webhook gets to this machine where that is not allowed, however its address is written.</summary>
public sealed class PrivateAddressTests
{
    private static readonly WebhookOptions Options = new() { Timeout = TimeSpan.FromSeconds(10) };

    private static readonly string[] Spellings =
    [
        "127.0.0.1", "127.1", "127.0.1", "0x7f000001", "0x7f.0.0.1", "2130706433", "0177.0.0.1", "017700000001", "0.0.0.0", "0", "127.0.0.1.",
        "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
        "localhost", "LOCALHOST", "localhost.", "inside.test", "both.test", "mapped.test", "%31%32%37.0.0.1", "①②⑦.0.0.1", "127。0。0。1",
    ];

    [Fact]
    public async Task No_spelling_of_the_loopback_is_ever_connected_to()
    {
        // On every address of the machine, so that whatever gets out arrives.
        using var listener = new TcpListener(IPAddress.IPv6Any, 0);
        listener.Server.DualMode = true;
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        await using var service = await TestService.StartAsync("notifications", s =>
            {
                s.AddNotifications();
                s.AddSingleton<ResolveHost>(ResolveAsync);
            }, a => a.MapNotifications(), settings: [("PLATFORM_OUTBOUND_ALLOW", "none"), ("Outbound:AllowLoopback", "true"), ("Webhooks:Retries:0", "01:00:00")]);
        using var client = service.Client();
        var refused = new List<string>();
        var called = new List<(string Host, Document Endpoint)>();
        foreach (var host in Spellings)
        {
            using var made = await client.SendJsonAsync(HttpMethod.Post, "/v1/webhook-endpoints", $$"""{"url":"http://{{host}}:{{port}}/hook"}""");
            if ((int)made.StatusCode == 400)
            {
                refused.Add(host);
                continue;
            }

            var endpoint = await made.DocumentAsync();
            await client.PostedAsync($"/v1/webhook-endpoints/{endpoint.Id}:test", 202);
            called.Add((host, endpoint));
        }

        foreach (var (host, endpoint) in called)
        {
            var delivery = await Eventually.GetAsync<Document>(async () =>
                (await client.DeliveriesAsync(endpoint)).SingleOrDefault(d => d["attempt_count"].GetInt32() == 1) is { } tried
                    ? await client.GetDocumentAsync("/v1/deliveries/" + tried.Id)
                    : null, "an attempt at " + host);
            var attempt = delivery["attempts"][0];
            Assert.True(attempt.GetProperty("error").GetString() is AttemptError.AddressBlocked, host + ": " + attempt);
            Assert.Null(attempt.GetProperty("address").GetString());
        }

        Assert.False(listener.Pending());
        Assert.True(refused.Count < 8, string.Join(' ', refused));
    }

    [Fact]
    public async Task A_redirect_to_it_is_not_followed()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await using var outside = await Receiver.StartAsync((http, _) =>
        {
            http.Response.Headers.Location = $"http://127.0.0.2:{((IPEndPoint)listener.LocalEndpoint).Port}/";
            return Receiver.Status(307)(http, 1);
        });
        using var connections = new WebhookConnections(OneAttempt.Allowing("127.0.0.1"), Options);
        Assert.Equal(AttemptError.Redirect, (await OneAttempt.SendAsync(outside.Url, connections, Options)).Error);
        Assert.False(listener.Pending());
    }

    [Fact]
    public async Task An_address_that_swallows_everything_does_not_keep_the_next_one_from_being_tried()
    {
        await using var receiver = await Receiver.StartAsync();
        var url = new Uri(receiver.Url);

        // Nobody listens at the first one; the second one answers.
        using var connections = new WebhookConnections(
            OutboundPolicy.WithLoopback, Options, (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse("127.0.0.9"), IPAddress.Loopback]));
        var result = await OneAttempt.SendAsync($"http://two.test:{url.Port}/hook", connections, Options);
        Assert.True(result.Succeeded, result.Detail);
        Assert.Equal("127.0.0.1", result.Address);
        Assert.NotNull(result.Timing!.Dns);
    }

    /// <summary>Every name leads to this machine: what is not taken for an address gains nothing by it.</summary>
    private static Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken) => Task.FromResult<IPAddress[]>(host switch
    {
        "both.test" => [IPAddress.IPv6Loopback, IPAddress.Loopback, IPAddress.Any],
        "mapped.test" => [IPAddress.Parse("::ffff:127.0.0.1"), IPAddress.Parse("64:ff9b::7f00:1")],
        _ => [IPAddress.Loopback],
    });
}
