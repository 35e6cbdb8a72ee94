using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Platform.Notifications.Sending;
using Platform.Notifications.Signing;
using Platform.ServiceDefaults.Outbound;

namespace Platform.Notifications.Tests;

/// <summary>What receivers can do to a sender, and what it makes of it.</summary>
public sealed class SenderTests : IDisposable
{
    private static readonly WebhookOptions Impatient = new() { Timeout = TimeSpan.FromSeconds(1) };
    private static readonly WebhookOptions Patient = new() { Timeout = TimeSpan.FromSeconds(30) };
    private readonly WebhookConnections _connections = new(OutboundPolicy.WithLoopback, Patient);

    public void Dispose() => _connections.Dispose();

    [Theory]
    [InlineData(200, null)]
    [InlineData(204, null)]
    [InlineData(299, null)]
    [InlineData(301, "redirect")]
    [InlineData(304, "redirect")]
    [InlineData(307, "redirect")]
    [InlineData(400, "bad_status")]
    [InlineData(404, "bad_status")]
    [InlineData(410, "gone")]
    [InlineData(500, "bad_status")]
    public async Task Only_2xx_is_success_and_redirects_are_not_followed(int status, string? error)
    {
        await using var receiver = await Receiver.StartAsync((http, _) =>
        {
            http.Response.StatusCode = status;
            http.Response.Headers.Location = "/elsewhere";
            return Task.CompletedTask;
        });
        var result = await SendAsync(receiver.Url);
        Assert.Equal(error, result.Error);
        Assert.Equal(status, result.Status);
        Assert.Contains("Location: /elsewhere", result.ResponseHeaders, StringComparison.Ordinal);
        Assert.Equal("/hook", Assert.Single(receiver.All).Path);
    }

    [Fact]
    public async Task A_receiver_that_never_answers_is_given_up()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = (_, _) => receiver.Forever;
        await TimesOutAsync(receiver.Url, status: null);
    }

    [Fact]
    public async Task A_receiver_that_stops_in_the_middle_of_its_answer_is_given_up()
    {
        await using var headers = new RawReceiver(RawReceiver.Say("HTTP/1.1 200 OK\r\ncontent-le"));
        await TimesOutAsync(headers.Url, status: null);
        await using var body = new RawReceiver(RawReceiver.Say("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc"));
        await TimesOutAsync(body.Url, status: 200);
    }

    [Fact]
    public async Task A_receiver_that_drips_is_given_up()
    {
        await using var receiver = new RawReceiver(async (stream, cancellationToken) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"u8.ToArray(), cancellationToken);
            while (true)
            {
                await stream.WriteAsync("1\r\nx\r\n"u8.ToArray(), cancellationToken);
                await Task.Delay(50, cancellationToken);
            }
        });
        await TimesOutAsync(receiver.Url, status: 200);
    }

    [Fact]
    public async Task Of_a_huge_answer_only_the_beginning_is_read()
    {
        var sent = 0L;
        await using var receiver = new RawReceiver(async (stream, cancellationToken) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\ncontent-length: 1099511627776\r\n\r\n"u8.ToArray(), cancellationToken);
            var chunk = new byte[64 * 1024];
            Array.Fill(chunk, (byte)'x');
            while (true)
            {
                await stream.WriteAsync(chunk, cancellationToken);
                Interlocked.Add(ref sent, chunk.Length);
            }
        });
        var result = await SendAsync(receiver.Url);
        Assert.True(result.Succeeded);
        Assert.Equal(WebhookSender.MaxResponseBody, result.ResponseBody.Length);
        Assert.True(Interlocked.Read(ref sent) < 64 * 1024 * 1024);
    }

    [Fact]
    public async Task A_reset_connection_is_a_lost_one()
    {
        await using var receiver = new RawReceiver((stream, _) =>
        {
            stream.Socket.LingerState = new(enable: true, seconds: 0);
            stream.Socket.Close();
            return Task.CompletedTask;
        });
        Assert.Equal(AttemptError.ConnectionLost, (await SendAsync(receiver.Url)).Error);
    }

    [Fact]
    public async Task A_connection_closed_without_an_answer_is_a_lost_one()
    {
        await using var receiver = new RawReceiver((_, _) => Task.CompletedTask);
        Assert.Equal(AttemptError.ConnectionLost, (await SendAsync(receiver.Url)).Error);
    }

    [Theory]
    [InlineData("SMTP ready\r\n\r\n")]
    [InlineData("HTTP/1.1 999999 OK\r\n\r\n")]
    public async Task What_is_not_http_is_an_invalid_response(string answer)
    {
        await using var receiver = new RawReceiver(RawReceiver.Say(answer));
        Assert.Equal(AttemptError.InvalidResponse, (await SendAsync(receiver.Url)).Error);
    }

    [Fact]
    public async Task Headers_without_end_are_an_invalid_response()
    {
        await using var receiver = new RawReceiver(RawReceiver.Say("HTTP/1.1 200 OK\r\nx: " + new string('x', 1 << 20) + "\r\n\r\n"));
        Assert.Equal(AttemptError.InvalidResponse, (await SendAsync(receiver.Url)).Error);
    }

    [Fact]
    public async Task Nobody_listening_is_a_refused_connection()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        Assert.Equal(AttemptError.ConnectionRefused, (await SendAsync($"http://127.0.0.1:{port}/")).Error);
    }

    [Fact]
    public async Task A_name_that_does_not_exist_is_not_resolved() =>
        Assert.Equal(AttemptError.NameNotResolved, (await SendAsync("http://does-not-exist.invalid/")).Error);

    [Fact]
    public async Task A_server_without_tls_fails_at_the_handshake()
    {
        await using var receiver = await Receiver.StartAsync();
        Assert.Equal(AttemptError.Tls, (await SendAsync(receiver.Url.Replace("http://", "https://", StringComparison.Ordinal))).Error);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    [InlineData("[::ffff:127.0.0.1]")]
    public async Task A_private_address_is_not_called_where_it_is_not_allowed(string host)
    {
        await using var receiver = await Receiver.StartAsync();
        using var guarded = new WebhookConnections(OutboundPolicy.PublicOnly, Patient);
        var result = await SendAsync(receiver.Url.Replace("127.0.0.1", host, StringComparison.Ordinal), guarded);
        Assert.Equal(AttemptError.AddressBlocked, result.Error);
        Assert.Null(result.Address);
        Assert.Empty(receiver.All);
    }

    [Theory]
    [InlineData(429, "7", 7)]
    [InlineData(503, "7", 7)]
    [InlineData(429, "0", 1)]
    [InlineData(429, "999999999", 86400)]
    [InlineData(429, "Wed, 21 Oct 2015 07:28:00 GMT", 1)]
    [InlineData(429, "Mon, 22 Oct 2035 07:28:00 GMT", 86400)]
    [InlineData(429, "soon", null)]
    [InlineData(429, "-5", null)]
    [InlineData(500, "7", null)]
    [InlineData(200, "7", null)]
    public async Task Retry_after_is_read_within_bounds(int status, string value, int? seconds)
    {
        await using var receiver = await Receiver.StartAsync((http, _) =>
        {
            http.Response.StatusCode = status;
            http.Response.Headers.RetryAfter = value;
            return Task.CompletedTask;
        });
        Assert.Equal(seconds, (await SendAsync(receiver.Url)).RetryAfter?.TotalSeconds);
    }

    [Fact]
    public async Task Connections_are_kept_alive()
    {
        var ports = new HashSet<int>();
        await using var receiver = await Receiver.StartAsync(async (http, _) =>
        {
            ports.Add(http.Connection.RemotePort);
            await http.Response.WriteAsync("ok");
        });
        for (var i = 0; i < 5; i++)
        {
            Assert.True((await SendAsync(receiver.Url)).Succeeded);
        }

        Assert.Single(ports);
    }

    [Fact]
    public async Task Stopping_is_not_an_outcome()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = (_, _) => receiver.Forever;
        using var stopping = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SendAsync(receiver.Url, cancellationToken: stopping.Token));
    }

    private async Task TimesOutAsync(string url, int? status)
    {
        var result = await SendAsync(url, options: Impatient);
        Assert.Equal(AttemptError.Timeout, result.Error);
        Assert.Equal(status, result.Status);
        Assert.InRange(result.Duration.TotalSeconds, 0.9, 10);
    }

    private Task<AttemptResult> SendAsync(string url, WebhookConnections? connections = null, WebhookOptions? options = null, CancellationToken cancellationToken = default) =>
        new WebhookSender(connections ?? _connections, options ?? Patient, TimeProvider.System).SendAsync(
            new(url, "evt_1", Encoding.UTF8.GetBytes("{}"), [WebhookSecret.Create()], new Dictionary<string, string>(StringComparer.Ordinal)),
            cancellationToken);
}
