namespace Platform.ServiceDefaults.Grpc;

/// <summary>Limits of the gRPC transport, under <c>Grpc__</c>.</summary>
public sealed class GrpcOptions
{
    /// <summary>Setting that names the port: no gRPC listener when absent, any free port when 0.</summary>
    public const string PortSetting = "PLATFORM_GRPC_PORT";

    /// <summary>Bytes that a request message may have, compressed or not; gRPC's usual 4 MiB.</summary>
    public int MaxMessageBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>Bytes of JSON that an answer may be made of; beyond it the caller is told to ask for fewer items.</summary>
    public int MaxAnswerBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>Messages from this size on are sent with gzip to those who accept it; bytes.</summary>
    public int CompressFrom { get; set; } = 4 * 1024;

    /// <summary>A connection whose peer opens no window for what is waiting is cut after this time.</summary>
    public TimeSpan StallTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Streams of health and reflection that are open at once; those need no key.</summary>
    public int MaxOpenStreams { get; set; } = 200;

    /// <summary>How often the health that is watched is looked at.</summary>
    public TimeSpan HealthPoll { get; set; } = TimeSpan.FromSeconds(2);
}
