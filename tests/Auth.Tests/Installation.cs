using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Platform.Auth.FirstKey;
using Platform.Eventing;
using Platform.Eventing.Database;
using Platform.ServiceDefaults.Authentication;
using Platform.Testing;

namespace Platform.Auth.Tests;

/// <summary>Auth with real keys, a data folder of its own, and whatever other services a test puts beside it.</summary>
internal sealed class Installation : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _more = [];

    private Installation(TestService auth, string data, Announcements announced)
    {
        Auth = auth;
        Data = data;
        Announced = announced;
        OwnerKey = File.Exists(KeyFile) ? File.ReadAllText(KeyFile).Trim() : "";
        Owner = Client(auth, OwnerKey);
    }

    public TestService Auth { get; }
    public string Data { get; }
    public Announcements Announced { get; }
    public string KeyFile => Path.Combine(Data, "api-key");
    public string OwnerKey { get; }
    public HttpClient Owner { get; }

    public static async Task<Installation> StartAsync(TestDatabase? database = null, string? data = null)
    {
        data ??= TemporaryFolder.Create();
        var announced = new Announcements();
        var auth = await TestService.StartAsync(
            "auth", s => s.AddSingleton<IFirstKeyAnnouncer>(announced).AddAuth(), a => a.MapAuth(), database,
            [("PLATFORM_DATA", data)], realAuthentication: true);
        return new(auth, data, announced);
    }

    /// <summary>Another service, in a host of its own, that knows keys only from the stream.</summary>
    public async Task<TestService> OtherAsync(string schema = "other", params (string, string)[] settings)
    {
        var service = await TestService.StartAsync(
            schema,
            s => s.AddSingleton(new SchemaName(schema)).AddEventing<OtherDatabase>(),
            a =>
            {
                a.MapGet("/whoami", (HttpContext http) => http.Principal().Actor).RequireScope(Scopes.ResourcesRead);
                a.MapPost("/change", (HttpContext http) => http.Principal().Actor).RequireScope(Scopes.ResourcesWrite);
            },
            Auth.Database, settings, realAuthentication: true);
        _more.Add(service);
        return service;
    }

    public static HttpClient Client(TestService service, string key)
    {
        var client = new HttpClient { BaseAddress = service.BaseAddress };
        if (key.Length > 0)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        return client;
    }

    /// <summary>Makes a key as the owner does.</summary>
    public Task<NewKey> CreateKeyAsync(object? body = null) => CreateKeyAsync(Owner, body);

    public static async Task<NewKey> CreateKeyAsync(HttpClient client, object? body = null)
    {
        var response = await client.PostAsJsonAsync("/v1/api-keys", body ?? new { name = "test" });
        Assert.Equal(System.Net.HttpStatusCode.Created, response.StatusCode);
        var json = await response.Content.ReadFromJsonAsync<JsonElement>();
        return new(json.GetProperty("id").GetString()!, json.GetProperty("key").GetString()!, json);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var service in _more)
        {
            await service.DisposeAsync();
        }

        await Auth.DisposeAsync();
        Directory.Delete(Data, recursive: true);
    }

    internal sealed record NewKey(string Id, string Text, JsonElement Json);

    internal sealed class Announcements : IFirstKeyAnnouncer
    {
        private readonly List<string> _keys = [];

        public IReadOnlyList<string> Keys => _keys;

        public void Announce(string key, string path) => _keys.Add(key);
    }

    private sealed record SchemaName(string Name);

    private sealed class OtherDatabase(DataSources sources, SchemaName name)
        : ServiceDatabase(name.Name, new MigrationSet(name.Name, []), sources);
}
