using Platform.Testing;

namespace Platform.CoreApi.Tests;

/// <summary>CoreApi on its own database and socket, shared by the tests of a class; each test has its own tenant.</summary>
public sealed class CoreApiFixture : IAsyncLifetime
{
    public TestService Service { get; private set; } = null!;

    public async Task InitializeAsync() => Service = await StartAsync();

    public async Task DisposeAsync() => await Service.DisposeAsync();

    /// <summary>One more instance on a database.</summary>
    public static Task<TestService> StartAsync(TestDatabase? database = null, bool realAuthentication = false, params (string Key, string Value)[] settings) =>
        TestService.StartAsync("core", s => s.AddCoreApi(), a => a.MapCoreApi(), database, settings, realAuthentication);
}

/// <summary>What a caller does, in words.</summary>
internal static class Calls
{
    public static Task<HttpResponseMessage> CreateAsync(this HttpClient client, string body, string? idempotencyKey = null) =>
        client.SendJsonAsync(HttpMethod.Post, "/v1/resources", body, ("Idempotency-Key", idempotencyKey));

    public static async Task<Document> CreatedAsync(this HttpClient client, string type = "order", string data = """{"n":1}""", string labels = "{}")
    {
        using var response = await client.CreateAsync($$"""{"type":"{{type}}","data":{{data}},"labels":{{labels}}}""");
        Assert.Equal(201, (int)response.StatusCode);
        return await response.DocumentAsync();
    }
}
