using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;

namespace Platform.ServiceDefaults.Streams;

/// <summary>
/// The other processes of the platform, where the services run apart: <c>Peers:name = http://...</c>. They are asked under the caller's
/// own authority, all at once and for two seconds at most.
/// </summary>
internal sealed class StreamPeers(IConfiguration configuration) : IDisposable
{
    internal static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(2) })
    {
        Timeout = Timeout,
        MaxResponseContentBufferSize = 16 * 1024 * 1024,
    };

    private IReadOnlyList<(string Name, string Url)> All { get; } =
        [.. configuration.GetSection("Peers").GetChildren().Where(c => !string.IsNullOrEmpty(c.Value)).Select(c => (c.Key, c.Value!.TrimEnd('/')))];

    /// <summary>What each peer says of its own services, and the peers that say nothing.</summary>
    public async Task<(IReadOnlyList<JsonNode> Services, IReadOnlyList<(string Peer, string Reason)> Unreachable)> AskAsync(
        string pathAndQuery, string authorization, CancellationToken cancellationToken)
    {
        var answers = await Task.WhenAll(All.Select(p => AskAsync(p.Name, p.Url + pathAndQuery, authorization, cancellationToken)));
        return ([.. answers.SelectMany(a => a.Services)], [.. answers.Where(a => a.Reason is not null).Select(a => (a.Peer, a.Reason!))]);
    }

    public void Dispose() => _http.Dispose();

    private async Task<(string Peer, IReadOnlyList<JsonNode> Services, string? Reason)> AskAsync(
        string peer, string url, string authorization, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
            using var response = await _http.SendAsync(request, cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                return (peer, [], $"answered {(int)response.StatusCode}");
            }

            var answer = JsonNode.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken));
            return (peer, [.. answer!["services"]!.AsArray().Select(s => s!.DeepClone())], null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (peer, [], "no answer in time");
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or InvalidOperationException or NullReferenceException or UriFormatException)
        {
            // Where a peer is and what went wrong on the way is not the caller's business.
            return (peer, [], e is HttpRequestException ? "cannot be reached" : "answered what is no state of streams");
        }
    }
}
