using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Platform.Analytics;
using Platform.Auth;
using Platform.CoreApi;
using Platform.Notifications;
using Platform.Processing;
using Platform.Testing;

namespace Platform.OpenApi.Tests;

/// <summary>All five services in this process, with real keys; every exchange with it is kept.</summary>
public sealed class WholePlatform : IAsyncLifetime
{
    private TestService _service = null!;

    public string Key { get; private set; } = "";
    public Uri Url => _service.BaseAddress;
    public EndpointDataSource Routes => _service.Services.GetRequiredService<EndpointDataSource>();

    public static Task<TestService> StartAsync(string data, TestDatabase? database = null) => TestService.StartAsync(
        "standalone",
        services => services.AddAuth().AddCoreApi().AddProcessing().AddNotifications().AddAnalytics(),
        app =>
        {
            app.MapAuth();
            app.MapCoreApi();
            app.MapProcessing();
            app.MapNotifications();
            app.MapAnalytics();
        },
        database, [("PLATFORM_DATA", data), ("Outbound:AllowLoopback", "true")], realAuthentication: true);

    public async Task InitializeAsync()
    {
        var data = TemporaryFolder.Create();
        _service = await StartAsync(data);
        using var client = new HttpClient { BaseAddress = Url };
        await Eventually.IsTrueAsync(
            async () => (await client.GetAsync("/health/ready")).IsSuccessStatusCode, "readiness", TimeSpan.FromSeconds(30));
        Key = (await File.ReadAllTextAsync(Path.Combine(data, "api-key"))).Trim();
    }

    public async Task DisposeAsync() => await _service.DisposeAsync();

    public Conversation Talk() => new(Url, Key);

    public async Task<string> DocumentAsync()
    {
        using var client = new HttpClient { BaseAddress = Url };
        return await client.GetStringAsync("/openapi/v1.json");
    }
}

/// <summary>Requests and their answers, kept as tests/Conformance/check-openapi.mjs reads them.</summary>
public sealed class Conversation(Uri url, string key) : IDisposable
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, Expect100ContinueTimeout = TimeSpan.FromSeconds(30) }) { BaseAddress = url };
    private readonly ConcurrentQueue<string> _exchanges = new();

    public IEnumerable<string> Exchanges => _exchanges;

    public void Dispose() => _client.Dispose();

    public async Task<(int Status, JsonNode? Body)> SayAsync(
        string method, string path, string? body = null, string mediaType = "application/json", string? bearer = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new(method), path);
        if ((bearer ?? key) is { Length: > 0 } credentials)
        {
            request.Headers.Authorization = new("Bearer", credentials);
        }

        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = new(mediaType) } };
        }

        foreach (var (name, value) in headers)
        {
            _ = request.Headers.TryAddWithoutValidation(name, value) || request.Content!.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var text = await ReadAsync(response.Content);
        _exchanges.Enqueue(new JsonObject
        {
            ["method"] = method, ["path"] = path, ["request"] = body, ["requestType"] = mediaType, ["status"] = (int)response.StatusCode, ["body"] = text,
            ["headers"] = new JsonObject(response.Headers.Concat(response.Content.Headers)
                .Select(h => KeyValuePair.Create(h.Key.ToLowerInvariant(), (JsonNode?)JsonValue.Create(string.Join(", ", h.Value))))),
        }.ToJsonString());
        var isJson = response.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.Ordinal) == true && text.Length > 0;
        return ((int)response.StatusCode, isJson ? JsonNode.Parse(text) : null);
    }

    /// <summary>The body, or the beginning of a stream that does not end.</summary>
    private static async Task<string> ReadAsync(HttpContent content)
    {
        if (content.Headers.ContentType?.MediaType != "text/event-stream")
        {
            return await content.ReadAsStringAsync();
        }

        using var reader = new StreamReader(await content.ReadAsStreamAsync());
        return await reader.ReadLineAsync() + "\n";
    }

    /// <summary>Says it, and expects this status.</summary>
    public async Task<JsonNode?> SayAsync(
        int status, string method, string path, string? body = null, string mediaType = "application/json", string? bearer = null, params (string Name, string Value)[] headers)
    {
        var (actual, answer) = await SayAsync(method, path, body, mediaType, bearer, headers);
        Assert.True(actual == status, $"{method} {path}: {actual} {answer}");
        return answer;
    }
}
