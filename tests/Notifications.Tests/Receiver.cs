using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Platform.Notifications.Signing;
using Platform.Testing;

namespace Platform.Notifications.Tests;

/// <summary>A webhook as it arrived.</summary>
internal sealed record Received(string Path, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public string Id => Headers["webhook-id"];
    public long Timestamp => long.Parse(Headers["webhook-timestamp"], CultureInfo.InvariantCulture);
    public string[] Signatures => Headers["webhook-signature"].Split(' ');
    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    public bool IsSignedBy(string secret) =>
        Signatures.Contains(WebhookSignature.Of([WebhookSecret.Parse(secret)], Id, Timestamp, Encoding.UTF8.GetBytes(Body)));
}

/// <summary>A real web server on a loopback port that keeps what it gets and answers as it is told.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Received> _received = new();
    private readonly CancellationTokenSource _closing = new();

    private Receiver(WebApplication app) => _app = app;

    /// <summary>Answers a request; the number is 1 for the first one.</summary>
    public Func<HttpContext, int, Task> Answer { get; set; } = (_, _) => Task.CompletedTask;

    public string Url { get; private set; } = "";
    public IReadOnlyList<Received> All => [.. _received];
    public int Count => _received.Count;

    /// <summary>Ends when the receiver is disposed: for an answer that never comes.</summary>
    public Task Forever => Task.Delay(Timeout.Infinite, _closing.Token).ContinueWith(_ => { }, TaskScheduler.Default);

    public static async Task<Receiver> StartAsync(Func<HttpContext, int, Task>? answer = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var receiver = new Receiver(builder.Build());
        if (answer is not null)
        {
            receiver.Answer = answer;
        }

        receiver._app.Run(receiver.HandleAsync);
        await receiver._app.StartAsync();
        receiver.Url = receiver._app.Urls.First() + "/hook";
        return receiver;
    }

    public static Func<HttpContext, int, Task> Status(int status) => (http, _) =>
    {
        http.Response.StatusCode = status;
        return Task.CompletedTask;
    };

    public async Task<IReadOnlyList<Received>> WaitAsync(int count, TimeSpan? deadline = null)
    {
        await Eventually.IsTrueAsync(() => _received.Count >= count, $"{count} webhooks (came: {_received.Count})", deadline);
        return All;
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        using var hurry = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _app.StopAsync(hurry.Token);
        await _app.DisposeAsync();
        _closing.Dispose();
    }

    private async Task HandleAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync();
        _received.Enqueue(new(
            http.Request.Path, http.Request.Headers.ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value.ToString(), StringComparer.Ordinal), body));
        await Answer(http, _received.Count);
    }
}
