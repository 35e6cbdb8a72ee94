using Microsoft.Extensions.DependencyInjection;
using Platform.Testing;

namespace Platform.Processing.Tests;

/// <summary>Processing on its own database and socket, shared by the tests of a class; each test has its own tenant.</summary>
public sealed class ProcessingFixture : IAsyncLifetime
{
    public TestService Service { get; private set; } = null!;

    public async Task InitializeAsync() => Service = await StartAsync();

    public async Task DisposeAsync() => await Service.DisposeAsync();

    /// <summary>One more instance on a database, in a hurry where the product is patient.</summary>
    public static Task<TestService> StartAsync(TestDatabase? database = null, params (string Key, string Value)[] settings) => StartAsync(_ => { }, database, settings);

    /// <summary>As above, with more in it: job types of a test's own.</summary>
    public static Task<TestService> StartAsync(Action<IServiceCollection> more, TestDatabase? database = null, params (string Key, string Value)[] settings) =>
        TestService.StartAsync("processing", s => more(s.AddProcessing()), a => a.MapProcessing(), database,
            [
                ("Outbound:AllowLoopback", "true"), ("Processing:RetryUnit", "00:00:00.010"), ("Work:processing:Poll", "00:00:00.050"),
                ("Work:processing:Watch", "00:00:00.200"), ("Eventing:InPlaceDelay", "00:00:00.010"), ("Eventing:RetryDelay", "00:00:00.050"),
                ("Eventing:Rebalance", "00:00:00.100"), .. settings,
            ]);
}

/// <summary>What a caller does, in words.</summary>
internal static class Calls
{
    public static Task<HttpResponseMessage> SubmitAsync(this HttpClient client, string body, string? idempotencyKey = null) =>
        client.SendJsonAsync(HttpMethod.Post, "/v1/jobs", body, ("Idempotency-Key", idempotencyKey));

    /// <summary>A job that was accepted.</summary>
    public static async Task<Document> SubmittedAsync(this HttpClient client, string type, string payload = "{}", string more = "")
    {
        using var response = await client.SubmitAsync($$"""{"type":"{{type}}","payload":{{payload}}{{more}}}""");
        var document = await response.DocumentAsync();
        Assert.True((int)response.StatusCode == 201, document.Text);
        Assert.Equal("/v1/jobs/" + document.Id, response.Headers.Location!.OriginalString);
        return document;
    }

    /// <summary>The job once it is there.</summary>
    public static Task<Document> FindsAsync(this HttpClient client, string id) => Eventually.GetAsync(async () =>
    {
        using var response = await client.GetAsync("/v1/jobs/" + id);
        return (int)response.StatusCode == 200 ? await response.DocumentAsync() : null;
    }, $"{id} is there");

    /// <summary>The job once it is in this state.</summary>
    public static async Task<Document> ReachesAsync(this HttpClient client, string id, string state)
    {
        Document? last = null;
        try
        {
            return await Eventually.GetAsync(async () =>
            {
                last = await client.GetDocumentAsync("/v1/jobs/" + id);
                return last.State == state ? last : null;
            }, $"{id} is {state}");
        }
        catch (Xunit.Sdk.XunitException e)
        {
            throw new Xunit.Sdk.XunitException($"{e.Message}; it is {last?.Text}", e);
        }
    }

    public static async Task<Document> PostAsync(this HttpClient client, string path, int status = 200)
    {
        using var response = await client.SendJsonAsync(HttpMethod.Post, path, null);
        var document = await response.DocumentAsync();
        Assert.True((int)response.StatusCode == status, document.Text);
        return document;
    }

    /// <summary>The ids of a list's first page.</summary>
    public static async Task<string[]> IdsAsync(this HttpClient client, string path) =>
        [.. (await client.GetDocumentAsync(path))["data"].EnumerateArray().Select(i => i.GetProperty("id").GetString()!)];
}
