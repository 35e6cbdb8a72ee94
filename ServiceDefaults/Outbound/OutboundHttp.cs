using System.Buffers;
using System.Net;
using System.Net.Sockets;
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
    public static SocketsHttpHandler CreateHandler(OutboundPolicy policy) => new()
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        MaxResponseHeadersLength = 64,
        MaxResponseDrainSize = 64 * 1024,
        ResponseDrainTimeout = TimeSpan.FromMilliseconds(200),
        ConnectCallback = (context, cancellationToken) => ConnectAsync(policy, context.DnsEndPoint, cancellationToken),
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

    private static async ValueTask<Stream> ConnectAsync(OutboundPolicy policy, DnsEndPoint target, CancellationToken cancellationToken)
    {
        var addresses = IPAddress.TryParse(target.Host.Trim('[', ']'), out var literal)
            ? [literal]
            : await Dns.GetHostAddressesAsync(target.Host, cancellationToken);

        // What is checked is what is connected to, so a mapped address is called as the IPv4 one that it is.
        var allowed = addresses.Where(policy.Allows).Select(a => a.IsIPv4MappedToIPv6 ? a.MapToIPv4() : a).ToArray();
        if (allowed.Length == 0)
        {
            throw new OutboundBarredException(target.Host);
        }

        for (var i = 0; ; i++)
        {
            var socket = new Socket(allowed[i].AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(allowed[i], target.Port), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException) when (i + 1 < allowed.Length)
            {
                socket.Dispose();
            }
            catch
            {
                socket.Dispose();
                throw;
            }
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
