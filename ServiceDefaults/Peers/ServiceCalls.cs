using System.Net;
using System.Net.Http.Headers;

namespace Platform.ServiceDefaults.Peers;

/// <summary>Calls from one service to another over HTTP, on behalf of an organization (docs/decisions/0024).</summary>
public sealed class ServiceCalls : IDisposable
{
    private const int Tries = 6;
    private static readonly TimeSpan TryTimeout = TimeSpan.FromSeconds(100);
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(5);
    private readonly ServiceTokens _tokens;
    private readonly ServiceAddresses _addresses;
    private readonly TimeProvider _clock;
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false, UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(5), PooledConnectionLifetime = TimeSpan.FromMinutes(2),
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    internal ServiceCalls(ServiceTokens tokens, ServiceAddresses addresses, TimeProvider clock) => (_tokens, _addresses, _clock) = (tokens, addresses, clock);

    /// <summary>
    /// Sends a request that may be sent again: a read, or a write with an <c>Idempotency-Key</c>. While there is no answer, or the answer says to come back (429,
    /// 502, 503, 504, <c>idempotency_in_progress</c>), it is tried six times within some ten seconds.
    /// </summary>
    /// <param name="service">Its schema: <c>core</c>, <c>analytics</c>, ...</param>
    /// <param name="caller">On whose behalf.</param>
    /// <param name="request">Makes the request anew for each try; its address is path and query.</param>
    /// <returns>The answer, whatever it is, its headers read.</returns>
    /// <exception cref="ServiceCallException">No secret, no address, or no answer.</exception>
    public async Task<HttpResponseMessage> SendAsync(string service, ServiceCaller caller, Func<HttpRequestMessage> request, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            TimeSpan? asked = null;
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(TryTimeout);
            try
            {
                var response = await SendOnceAsync(service, caller, request(), limit.Token);
                if (attempt == Tries || !await SaysLaterAsync(response, limit.Token))
                {
                    return response;
                }

                asked = response.Headers.RetryAfter?.Delta;
                response.Dispose();
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                if (attempt == Tries)
                {
                    throw new ServiceCallException($"'{service}' cannot be reached: {(e is HttpRequestException http ? http.HttpRequestError.ToString() : "no answer in time")}.", e);
                }
            }

            var pause = TimeSpan.FromMilliseconds(100 * Math.Pow(2.2, attempt));
            await Task.Delay(asked > pause ? asked.Value < MaxPause ? asked.Value : MaxPause : pause, _clock, cancellationToken);
        }
    }

    /// <summary>Sends a request once: for a body that cannot be made a second time.</summary>
    /// <exception cref="ServiceCallException">No secret or no address.</exception>
    /// <exception cref="HttpRequestException">No answer.</exception>
    public async Task<HttpResponseMessage> SendOnceAsync(string service, ServiceCaller caller, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using (request)
        {
            request.RequestUri = new(_addresses.Of(service), request.RequestUri!);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _tokens.Issue(caller, service));
            return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
    }

    public void Dispose() => _http.Dispose();

    private static async Task<bool> SaysLaterAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.StatusCode != HttpStatusCode.Conflict)
        {
            return response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;
        }

        await response.Content.LoadIntoBufferAsync(cancellationToken);
        return (await response.Content.ReadAsStringAsync(cancellationToken)).Contains("\"idempotency_in_progress\"", StringComparison.Ordinal);
    }
}
