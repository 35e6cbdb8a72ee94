using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Platform.Testing;

/// <summary>One request that a receiver got.</summary>
public sealed record ReceivedRequest(string Path, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public string WebhookId => Headers["webhook-id"];
}

/// <summary>A receiver of webhooks on a loopback socket, which outlives the platform's restarts.</summary>
public sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<ReceivedRequest> _requests;

    private WebhookReceiver(WebApplication app, ConcurrentQueue<ReceivedRequest> requests)
    {
        _app = app;
        _requests = requests;
    }

    public string Url => _app.Urls.First() + "/hook";
    public IReadOnlyCollection<ReceivedRequest> Requests => _requests;

    /// <param name="answer">Status for a request; 200 by default.</param>
    public static async Task<WebhookReceiver> StartAsync(Func<ReceivedRequest, int>? answer = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var requests = new ConcurrentQueue<ReceivedRequest>();
        var app = builder.Build();
        app.Run(async http =>
        {
            using var reader = new StreamReader(http.Request.Body, Encoding.UTF8);
            var request = new ReceivedRequest(
                http.Request.Path, http.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase), await reader.ReadToEndAsync());
            requests.Enqueue(request);
            http.Response.StatusCode = answer?.Invoke(request) ?? StatusCodes.Status200OK;
        });
        await app.StartAsync();
        return new(app, requests);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
