using System.IO.Compression;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Platform.Notifications.Sending;
using Platform.ServiceDefaults.Outbound;
using Xunit.Abstractions;

namespace Platform.Notifications.Tests;

/// <summary>Receivers that mean harm, over real sockets: each has a name in the attempt log, and none gets more than its time and a few bytes.</summary>
public sealed class HostileReceiverTests(ITestOutputHelper output) : IDisposable
{
    private static readonly WebhookOptions Impatient = new() { Timeout = TimeSpan.FromSeconds(1) };
    private static readonly WebhookOptions Patient = new() { Timeout = TimeSpan.FromSeconds(30) };
    private readonly WebhookConnections _connections = new(OutboundPolicy.WithLoopback, Patient);

    public void Dispose() => _connections.Dispose();

    /// <summary>What it says, the outcome, and the status that came with it.</summary>
    public static TheoryData<string, string, string?, int?> Answers => new()
    {
        { "HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\nok<close>", null, 200 },
        { "no reason phrase", "HTTP/1.1 204\r\n\r\n<close>", null, 204 },
        { "closes after the headers", "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n<close>", "connection_lost", 200 },
        { "closes in the middle of the headers", "HTTP/1.1 200 OK\r\ncontent-len<close>", "connection_lost", null },
        { "closes in the middle of a chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\nabc<close>", "connection_lost", 200 },
        { "no chunk at all", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n<close>", "invalid_response", 200 },
        { "two lengths", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nabc<close>", null, 200 },
        { "a negative length", "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\nabc<close>", null, 200 },
        { "bytes that are no header", "HTTP/1.1 200 OK\r\nx\u0001y: \u0000\u00ff\r\n\r\n<close>", "invalid_response", null },
        { "bytes that are no value", "HTTP/1.1 200 OK\r\nx: a\u0000b\u00ffc\u001b[2J\r\ncontent-length: 0\r\n\r\n", null, 200 },
        { "a header without a name", "HTTP/1.1 200 OK\r\n: x\r\n\r\n<close>", "invalid_response", null },
        { "another protocol", "SSH-2.0-OpenSSH_9.6\r\n<close>", "invalid_response", null },
        { "nothing", "<close>", "connection_lost", null },
        { "a status that is none", "HTTP/1.1 099 Odd\r\ncontent-length: 0\r\n\r\n", "bad_status", 99 },
        { "an upgrade", "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n<close>", "bad_status", 101 },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task An_odd_answer_has_its_name(string what, string says, string? error, int? status)
    {
        await using var receiver = new RawReceiver(async (stream, cancellationToken) =>
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(says.Replace("<close>", "", StringComparison.Ordinal)), cancellationToken);
            if (!says.EndsWith("<close>", StringComparison.Ordinal))
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
        });
        var result = await SendAsync(receiver.Url);
        output.WriteLine($"{what}: {result.Error ?? "succeeded"} ({result.Detail})");
        Assert.Equal((error, status), (result.Error, result.Status));
        Assert.DoesNotContain('\0', result.ResponseHeaders ?? "");
    }

    [Fact]
    public async Task Who_lets_connect_and_reads_nothing_times_out()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var result = await SendAsync($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/", body: new string('x', 1 << 20), options: Impatient);
        Assert.Equal((AttemptError.Timeout, null), (result.Error, result.Status));
        Assert.NotNull(result.Timing!.Connect);
        Assert.Null(result.Timing.FirstByte);
        Assert.Equal("127.0.0.1", result.Address);
    }

    [Fact]
    public async Task A_byte_a_second_is_no_answer()
    {
        await using var receiver = new RawReceiver(async (stream, cancellationToken) =>
        {
            foreach (var b in "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"u8.ToArray())
            {
                await stream.WriteAsync(new[] { b }, cancellationToken);
                await Task.Delay(1000, cancellationToken);
            }
        });
        var result = await SendAsync(receiver.Url, options: Impatient);
        Assert.Equal((AttemptError.Timeout, null), (result.Error, result.Status));
        Assert.NotNull(result.Timing!.FirstByte);
        Assert.InRange(result.Duration.TotalSeconds, 0.9, 10);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n", "", null, 200)]
    [InlineData("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "10000\r\n", null, 200)]
    [InlineData("HTTP/1.1 500 Oh\r\ncontent-length: 1073741824\r\n\r\n", "", "bad_status", 500)]
    [InlineData("HTTP/1.1 200 OK\r\n", "x-", "invalid_response", null)]
    [InlineData("", "HTTP/1.1 103 Early Hints\r\n\r\n", "invalid_response", null)]
    [InlineData("", "HTTP/1.1 100 Continue\r\nx: ", "invalid_response", null)]
    public async Task A_flood_is_cut_off_and_costs_no_memory(string begin, string each, string? error, int? status)
    {
        // What is repeated: a piece of a body, a header, an interim answer.
        var piece = each switch
        {
            "" => new string('x', 65536),
            "10000\r\n" => each + new string('x', 65536) + "\r\n",
            "x-" => string.Concat(Enumerable.Range(0, 1000).Select(i => $"x-{i}: {new string('y', 100)}\r\n")),
            "HTTP/1.1 100 Continue\r\nx: " => string.Concat(Enumerable.Repeat(each + new string('y', 1000) + "\r\n\r\n", 50)),
            _ => string.Concat(Enumerable.Repeat(each, 1000)),
        };
        var sent = 0L;
        await using var receiver = new RawReceiver(async (stream, cancellationToken) =>
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(begin), cancellationToken);
            var bytes = Encoding.ASCII.GetBytes(piece);
            while (Interlocked.Read(ref sent) < 1L << 30)
            {
                await stream.WriteAsync(bytes, cancellationToken);
                Interlocked.Add(ref sent, bytes.Length);
            }
        });
        await SendAsync(receiver.Url);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        AttemptResult? result = null;
        for (var i = 0; i < 10; i++)
        {
            result = await SendAsync(receiver.Url);
        }

        var after = GC.GetTotalMemory(forceFullCollection: true);
        output.WriteLine($"{sent / 11 / 1024} KiB got out an attempt; the heap grew by {(after - before) / 1024} KiB over ten; {result!.Detail}");
        Assert.Equal((error, status), (result.Error, result.Status));

        // What was not taken off the wire is in nobody's memory. Most of this lies in the kernel's buffers.
        Assert.True(sent / 11 < 32 * 1024 * 1024, $"{sent / 11} bytes");
    }

    [Fact]
    public async Task A_compressed_bomb_stays_compressed()
    {
        using var bomb = new MemoryStream();
        await using (var gzip = new GZipStream(bomb, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            var zeros = new byte[1 << 20];
            for (var i = 0; i < 16; i++)
            {
                await gzip.WriteAsync(zeros);
            }
        }

        await using var receiver = new RawReceiver(async (stream, cancellationToken) =>
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {bomb.Length}\r\n\r\n"), cancellationToken);
            await stream.WriteAsync(bomb.ToArray(), cancellationToken);
        });
        var result = await SendAsync(receiver.Url);
        Assert.True(result.Succeeded, result.Error);
        Assert.Equal(Math.Min(WebhookSender.MaxResponseBody, bomb.Length), result.ResponseBody.Length);
        Assert.Equal(0x1f, result.ResponseBody.Span[0]);
        Assert.DoesNotContain("accept-encoding", result.RequestHeaders, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_hundred_redirects_are_one_request()
    {
        await using var receiver = await Receiver.StartAsync((http, n) =>
        {
            http.Response.Headers.Location = $"/{n}";
            return Receiver.Status(n < 100 ? 302 : 200)(http, n);
        });
        Assert.Equal(AttemptError.Redirect, (await SendAsync(receiver.Url)).Error);
        Assert.Equal(1, receiver.Count);
    }

    [Theory]
    [InlineData("localhost", "localhost", "UntrustedRoot")]
    [InlineData("example.com", "localhost", "RemoteCertificateNameMismatch")]
    public async Task A_certificate_is_verified(string certified, string called, string why)
    {
        using var certificate = SelfSigned(certified);
        var served = 0;
        await using var receiver = new TlsReceiver(certificate, () => served++);
        var result = await SendAsync($"https://{called}:{receiver.Port}/");
        Assert.Equal((AttemptError.Tls, null), (result.Error, result.Status));
        Assert.Contains(why, result.Detail, StringComparison.Ordinal);
        Assert.Equal(0, served);
        Assert.NotNull(result.Timing!.Connect);
        Assert.Null(result.Timing.Tls);
    }

    [Fact]
    public async Task The_time_of_each_step_is_measured()
    {
        using var certificate = SelfSigned("localhost");
        await using var receiver = new TlsReceiver(certificate, () => { });
        using var handler = OutboundHttp.CreateHandler(OutboundPolicy.WithLoopback);
        handler.SslOptions.RemoteCertificateValidationCallback = (_, presented, _, _) => presented!.GetCertHashString() == certificate.GetCertHashString();
        using var client = new HttpMessageInvoker(handler);
        var traces = new List<OutboundTrace>();
        for (var i = 0; i < 2; i++)
        {
            var trace = new OutboundTrace(TimeProvider.System);
            using var request = new HttpRequestMessage(HttpMethod.Post, $"https://localhost:{receiver.Port}/") { Content = new StringContent("{}") };
            using var response = await trace.SendAsync(client, request, default);
            Assert.Equal("ok", await response.Content.ReadAsStringAsync());
            traces.Add(trace);
        }

        Assert.All([traces[0].Dns, traces[0].Connect, traces[0].Tls], t => Assert.True(t > TimeSpan.Zero));
        Assert.True(traces[0].FirstByte > traces[0].Connect + traces[0].Tls);
        Assert.False(traces[0].ConnectionReused);
        Assert.All([traces[1].Dns, traces[1].Connect, traces[1].Tls], t => Assert.Null(t));
        Assert.True(traces[1].ConnectionReused);
        Assert.True(traces[1].FirstByte > TimeSpan.Zero);
        Assert.True(IPAddress.IsLoopback(traces[1].Address!));
    }

    [Fact]
    public async Task An_answer_that_nobody_asked_for_is_nobodys_answer()
    {
        await using var receiver = new RawReceiver(async (stream, cancellationToken) =>
        {
            await stream.WriteAsync("HTTP/1.1 500 No\r\ncontent-length: 2\r\n\r\nno"u8.ToArray(), cancellationToken);
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nx-forged: 1\r\ncontent-length: 6\r\n\r\nforged"u8.ToArray(), cancellationToken);
            await Task.Delay(Timeout.Infinite, cancellationToken);
        });
        for (var i = 1; i <= 3; i++)
        {
            var result = await SendAsync(receiver.Url);
            Assert.Equal((AttemptError.BadStatus, 500), (result.Error, result.Status));
            Assert.False(result.Timing!.IsReused);

            // Whatever comes behind an answer has come when the next one is asked for.
            await Eventually.IsTrueAsync(() => receiver.Connections == i, "a connection each");
            await Task.Delay(50);
        }
    }

    [Fact]
    public async Task A_kept_connection_that_the_receiver_lets_go_of_costs_no_attempt()
    {
        await using var receiver = new RawReceiver(async (stream, cancellationToken) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"u8.ToArray(), cancellationToken);

            // The next request arrives while it closes: it is read and never answered.
            await stream.ReadExactlyAsync(new byte[1], cancellationToken);
        });
        Assert.True((await SendAsync(receiver.Url)).Succeeded);
        var second = await SendAsync(receiver.Url);
        Assert.True(second.Succeeded, second.Error);
        Assert.Equal(2, receiver.Connections);
    }

    [Fact]
    public async Task A_name_that_leads_elsewhere_the_second_time_is_judged_the_second_time()
    {
        await using var receiver = await Receiver.StartAsync((http, _) =>
        {
            http.Response.Headers.Connection = "close";
            return Task.CompletedTask;
        });
        var port = new Uri(receiver.Url).Port;
        var turns = new Queue<IPAddress[]>([[IPAddress.Parse("127.0.0.1")], [IPAddress.Parse("127.0.0.2")], [IPAddress.Parse("10.0.0.1"), IPAddress.Parse("127.0.0.1")]]);
        using var connections = new WebhookConnections(OneAttempt.Allowing("127.0.0.1"), Patient, (_, _) => Task.FromResult(turns.Dequeue()));
        var url = $"http://changing.test:{port}/hook";
        Assert.True((await SendAsync(url, connections)).Succeeded);
        var rebound = await SendAsync(url, connections);
        Assert.Equal(AttemptError.AddressBlocked, rebound.Error);
        Assert.Null(rebound.Address);

        // Of several addresses only those are called that may be.
        Assert.Equal("127.0.0.1", (await SendAsync(url, connections)).Address);
        Assert.Equal(2, receiver.Count);
    }

    private Task<AttemptResult> SendAsync(string url, WebhookConnections? connections = null, WebhookOptions? options = null, string body = "{}") =>
        OneAttempt.SendAsync(url, connections ?? _connections, options ?? Patient, body);

    private static X509Certificate2 SelfSigned(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var made = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }

    /// <summary>Answers "ok" to every request on a TLS connection.</summary>
    private sealed class TlsReceiver : IAsyncDisposable
    {
        private readonly RawReceiver _receiver;

        public TlsReceiver(X509Certificate2 certificate, Action served)
        {
            _receiver = new(async (stream, cancellationToken) =>
            {
                await using var tls = new SslStream(stream);
                try
                {
                    await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, cancellationToken);
                }
                catch (System.Security.Authentication.AuthenticationException)
                {
                    return;
                }

                var buffer = new byte[4096];
                while (await tls.ReadAsync(buffer, cancellationToken) > 0)
                {
                    served();
                    await tls.WriteAsync("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"u8.ToArray(), cancellationToken);
                }
            }, readsRequest: false);
            Port = new Uri(_receiver.Url).Port;
        }

        public int Port { get; }

        public ValueTask DisposeAsync() => _receiver.DisposeAsync();
    }
}
