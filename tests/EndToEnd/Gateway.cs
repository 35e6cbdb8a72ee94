using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Extensions.Logging;
using Platform.Architecture.Gateway;

namespace Platform.EndToEnd;

/// <summary>One base URL for five services: forwards by the routes of <c>deploy/kong/kong.yml</c>, as Kong would.</summary>
internal sealed class Gateway : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false });

    private Gateway(WebApplication app) => _app = app;

    public Uri Url => new(_app.Urls.First());

    /// <param name="services">Address of each service of kong.yml, by its name there.</param>
    public static async Task<Gateway> StartAsync(IReadOnlyDictionary<string, Uri> services)
    {
        var configuration = KongConfiguration.Read();
        var router = new KongRouter(configuration);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var gateway = new Gateway(app);
        app.Run(async http =>
        {
            var route = router.Route(http.Request.Path.Value!);
            var service = configuration.Services.SingleOrDefault(s => route is not null && s.Routes.Contains(route));
            if (service is null)
            {
                http.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
            }

            await gateway.ForwardAsync(http, services[service.Name]);
        });
        await app.StartAsync();
        return gateway;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _client.Dispose();
    }

    private async Task ForwardAsync(HttpContext http, Uri service)
    {
        using var request = new HttpRequestMessage(
            new(http.Request.Method), new Uri(service, new Uri(http.Request.GetEncodedUrl()).PathAndQuery));
        if (http.Request.ContentLength > 0 || http.Request.Headers.TransferEncoding.Count > 0)
        {
            request.Content = new StreamContent(http.Request.Body);
        }

        foreach (var header in http.Request.Headers.Where(h => h.Key is not "Host"))
        {
            if (!request.Headers.TryAddWithoutValidation(header.Key, header.Value.ToArray()))
            {
                request.Content?.Headers.TryAddWithoutValidation(header.Key, header.Value.ToArray());
            }
        }

        using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, http.RequestAborted);
        http.Response.StatusCode = (int)response.StatusCode;
        foreach (var header in response.Headers.Concat(response.Content.Headers).Where(h => h.Key is not "Transfer-Encoding"))
        {
            http.Response.Headers[header.Key] = header.Value.ToArray();
        }

        await response.Content.CopyToAsync(http.Response.Body, http.RequestAborted);
    }
}
