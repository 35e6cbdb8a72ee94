using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Confluent.Kafka;
using Platform.Eventing.Streams.Kafka;
using Platform.Testing;

namespace Platform.Eventing.Tests;

/// <summary>Brokers behind TLS: settings reach the client through the connection string, and a certificate that nobody vouches for is refused.</summary>
public sealed class KafkaTlsTests
{
    [Fact]
    public async Task Events_flow_over_connections_whose_certificate_is_verified()
    {
        using var kafka = new MockKafka();
        using var folder = new TemporaryFolder();
        using var certificate = Certificate();
        var authority = Path.Combine(folder.Path, "ca.pem");
        await File.WriteAllTextAsync(authority, certificate.ExportCertificatePem());
        await using var front = new TlsFront(kafka, certificate);
        await using var instance = await SampleInstance.StartAsync(
            kafka: $"bootstrap.servers={front.BootstrapServers};security.protocol=SSL;ssl.ca.location={authority};session.timeout.ms=6000");
        await instance.PublishAsync("a", 1);
        await Eventually.IsTrueAsync(async () => (await instance.EffectsAsync("a")).Length == 1, "the effect", TimeSpan.FromSeconds(60));
        Assert.True(front.Connections > 0, "through TLS");
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_is_refused()
    {
        using var kafka = new MockKafka();
        using var certificate = Certificate();
        await using var front = new TlsFront(kafka, certificate);
        var connection = KafkaConnection.Parse($"bootstrap.servers={front.BootstrapServers};security.protocol=SSL");
        using var admin = new AdminClientBuilder(connection.Configure(given => new AdminClientConfig(given), "test")).SetLogHandler((_, _) => { }).Build();
        Assert.Throws<KafkaException>(() => admin.GetMetadata(TimeSpan.FromSeconds(3)));
    }

    [Fact]
    public void Every_way_to_sign_in_is_in_the_library()
    {
        LibrdKafka.Load();
        foreach (var mechanism in new[] { "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512" })
        {
            var connection = KafkaConnection.Parse($"bootstrap.servers=127.0.0.1:9;security.protocol=SASL_SSL;sasl.mechanism={mechanism};sasl.username=u;sasl.password=p");
            using var admin = new AdminClientBuilder(connection.Configure(given => new AdminClientConfig(given), "test")).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
            Assert.NotNull(admin.Name);
        }
    }

    private static X509Certificate2 Certificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName("127.0.0.1");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }

    /// <summary>Ends TLS in front of each broker of a mock cluster, and makes the brokers name it as their address.</summary>
    private sealed class TlsFront : IAsyncDisposable
    {
        private readonly List<TcpListener> _listeners = [];
        private readonly CancellationTokenSource _stopping = new();
        private readonly X509Certificate2 _certificate;
        private int _connections;

        public TlsFront(MockKafka kafka, X509Certificate2 certificate)
        {
            _certificate = certificate;
            var addresses = new List<string>();
            foreach (var (address, i) in kafka.BootstrapServers.Split(',').Select((a, i) => (a, i)))
            {
                var listener = new TcpListener(IPAddress.Loopback, 0);
                listener.Start();
                _listeners.Add(listener);
                var port = ((IPEndPoint)listener.LocalEndpoint).Port;
                kafka.Advertise(i + 1, port);
                addresses.Add($"127.0.0.1:{port}");
                _ = AcceptAsync(listener, int.Parse(address[(address.LastIndexOf(':') + 1)..]));
            }

            BootstrapServers = string.Join(',', addresses);
        }

        public string BootstrapServers { get; }

        public int Connections => Volatile.Read(ref _connections);

        public async ValueTask DisposeAsync()
        {
            await _stopping.CancelAsync();
            _listeners.ForEach(l => l.Dispose());
            _stopping.Dispose();
        }

        private async Task AcceptAsync(TcpListener listener, int broker)
        {
            try
            {
                while (true)
                {
                    _ = ServeAsync(await listener.AcceptTcpClientAsync(_stopping.Token), broker, _stopping.Token);
                }
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                // Stopping.
            }
        }

        private async Task ServeAsync(TcpClient client, int port, CancellationToken cancellationToken)
        {
            try
            {
                using (client)
                using (var broker = new TcpClient())
                await using (var tls = new SslStream(client.GetStream()))
                {
                    await tls.AuthenticateAsServerAsync(_certificate, clientCertificateRequired: false, checkCertificateRevocation: false);
                    await broker.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
                    Interlocked.Increment(ref _connections);
                    await Task.WhenAny(
                        tls.CopyToAsync(broker.GetStream(), cancellationToken), broker.GetStream().CopyToAsync(tls, cancellationToken));
                }
            }
            catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException or OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // One of the two has gone.
            }
        }
    }
}
