using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Platform.Processing.Tests;

/// <summary>Somebody's HTTP server on the loopback.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Receiver(WebApplication app) => _app = app;

    public string Url => _app.Urls.First();
    public int Port => new Uri(Url).Port;
    public ConcurrentQueue<string> Calls { get; } = new();

    public static async Task<Receiver> StartAsync(RequestDelegate answer, string address = "127.0.0.1")
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add($"http://{address}:0");
        var receiver = new Receiver(app);
        app.Run(async http =>
        {
            using var body = new StreamReader(http.Request.Body);
            receiver.Calls.Enqueue($"{http.Request.Method} {http.Request.Path} {http.Request.Headers["X-Test"]} {http.Request.ContentType} {await body.ReadToEndAsync()}");
            await answer(http);
        });
        await app.StartAsync();
        return receiver;
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }
}
