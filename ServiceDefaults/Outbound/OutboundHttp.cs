using System.Buffers;
using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Platform.ServiceDefaults.Hosting;

namespace Platform.ServiceDefaults.Outbound;

/// <summary>
/// HTTP to addresses that users name. The guard sits inside the connection: what is resolved is checked, and what was checked is
/// connected to, so neither a clever spelling nor a name that resolves differently the second time gets around it. No redirects, no proxy,
/// no cookies, no decompression.
/// </summary>
public static class OutboundHttp
{
    private const int MaxUrlLength = 2048;

    /// <summary>Registers the <see cref="OutboundPolicy"/> of the configuration; a setting that is not valid stops the start.</summary>
    public static IServiceCollection AddOutboundPolicy(this IServiceCollection services)
    {
        if (services.Any(d => d.ServiceType == typeof(OutboundPolicy)))
        {
            return services;
        }

        services.AddSingleton(s => OutboundPolicy.Read(s.GetRequiredService<IConfiguration>()));
        return services.AddSingleton<IStartupTask, CheckPolicy>();
    }

    /// <summary>A handler that calls only what the policy allows. Its owner keeps it for the life of the process.</summary>
    /// <exception cref="OutboundBarredException">From a call (inside <see cref="HttpRequestException"/>): no address of the host is allowed.</exception>
    /// <param name="resolve">Looks names up; the machine's resolver when null.</param>
    public static SocketsHttpHandler CreateHandler(OutboundPolicy policy, ResolveHost? resolve = null) => new()
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        ConnectTimeout = TimeSpan.FromSeconds(10),

        // A name that leads elsewhere by now is followed within this time, also where a connection is always in use.
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        MaxResponseHeadersLength = 64,
        MaxResponseDrainSize = 64 * 1024,
        ResponseDrainTimeout = TimeSpan.FromMilliseconds(200),
        ConnectCallback = new OutboundConnector(policy, resolve ?? Dns.GetHostAddressesAsync).ConnectAsync,
        PlaintextStreamFilter = OutboundConnector.Trace,
    };

    /// <summary>An absolute http or https address without user information, of at most 2,048 characters.</summary>
    public static bool TryParseUrl(string? text, out Uri url)
    {
        url = null!;
        if (text is null || text.Length > MaxUrlLength || !Uri.TryCreate(text, UriKind.Absolute, out var parsed)
            || (parsed.Scheme != Uri.UriSchemeHttp && parsed.Scheme != Uri.UriSchemeHttps) || parsed.Host.Length == 0 || parsed.UserInfo.Length > 0)
        {
            return false;
        }

        url = parsed;
        return true;
    }

    /// <summary>Reads the body's first <paramref name="max"/> bytes as they come and leaves the rest.</summary>
    public static async Task<(byte[] Head, bool Truncated)> ReadHeadAsync(HttpContent content, int max, CancellationToken cancellationToken)
    {
        await using var body = await content.ReadAsStreamAsync(cancellationToken);
        var buffer = ArrayPool<byte>.Shared.Rent(max + 1);
        try
        {
            var read = await body.ReadAtLeastAsync(buffer.AsMemory(0, max + 1), max + 1, throwOnEndOfStream: false, cancellationToken);
            return (buffer[..Math.Min(read, max)], read > max);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private sealed class CheckPolicy(IServiceProvider services) : IStartupTask
    {
        public Task RunAsync(CancellationToken cancellationToken)
        {
            services.GetRequiredService<OutboundPolicy>();
            return Task.CompletedTask;
        }
    }
}

/// <summary>No address of the host may be called. The message does not tell what the name resolves to.</summary>
public sealed class OutboundBarredException(string host)
    : Exception($"The address of '{host}' is not public, and it is not allowed by {OutboundPolicy.Setting}.");
