using System.Net;

namespace Platform.ServiceDefaults.Outbound;

/// <summary>
/// What the wire saw of one request: which connection carried it and how long each step took. For one request at a time, and read
/// when that is over.
/// </summary>
/// <param name="clock">What the time is measured by.</param>
public sealed class OutboundTrace(TimeProvider clock)
{
    internal static readonly HttpRequestOptionsKey<OutboundTrace> Key = new("platform.outbound.trace");
    private static readonly AsyncLocal<OutboundTrace?> Running = new();
    private readonly long _started = clock.GetTimestamp();
    private OutboundRoute? _own;
    private OutboundRoute? _carrier;

    /// <summary>True where a connection carried it that was opened for an earlier request.</summary>
    public bool ConnectionReused => _carrier is not null && _carrier != _own;

    /// <summary>The address that was connected to, or was tried last; null where none was.</summary>
    public IPAddress? Address => Route?.Address;

    /// <summary>For the host's name; null where there was none to look up, or none was found.</summary>
    public TimeSpan? Dns => ConnectionReused ? null : Route?.Dns;

    /// <summary>For the TCP connection; null where there was none.</summary>
    public TimeSpan? Connect => ConnectionReused ? null : Route?.Connect;

    /// <summary>For the TLS handshake; null without TLS, or where it failed.</summary>
    public TimeSpan? Tls => ConnectionReused ? null : Route?.Tls;

    /// <summary>From the beginning to the first byte of an answer; null where none came.</summary>
    public TimeSpan? FirstByte { get; private set; }

    internal TimeProvider Clock => clock;

    internal static OutboundTrace? Current => Running.Value;

    private OutboundRoute? Route => _carrier ?? _own;

    /// <summary>Sends a request; its answer is there when its headers are, and its body is read by the caller.</summary>
    /// <param name="client">Around a handler of <see cref="OutboundHttp.CreateHandler"/>.</param>
    public async Task<HttpResponseMessage> SendAsync(HttpMessageInvoker client, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Options.Set(Key, this);
        Running.Value = this;
        return await client.SendAsync(request, cancellationToken);
    }

    internal void Opening(OutboundRoute route) => _own = route;

    internal void CarriedBy(OutboundRoute route) => _carrier = route;

    internal void Received() => FirstByte ??= clock.GetElapsedTime(_started);
}

/// <summary>The opening of one connection.</summary>
internal sealed class OutboundRoute
{
    public IPAddress? Address { get; set; }
    public TimeSpan? Dns { get; set; }
    public TimeSpan? Connect { get; set; }
    public TimeSpan? Tls { get; set; }

    /// <summary>A timestamp: when the TCP connection was there.</summary>
    public long ConnectedAt { get; set; }
}
