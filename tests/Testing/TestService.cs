using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Platform.Contracts.Identifiers;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Grpc;
using Platform.ServiceDefaults.Grpc.Hosting;
using Platform.ServiceDefaults.Hosting;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.RateLimiting;

namespace Platform.Testing;

/// <summary>
/// A service (or several) on a real socket and a real database, in this process. Callers are authenticated by
/// <see cref="TestAuthenticator"/> unless the test keeps the real one.
/// </summary>
public sealed class TestService : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestService(WebApplication app, TestDatabase database)
    {
        _app = app;
        Database = database;
        BaseAddress = new(app.Urls.First());
        GrpcAddress = app.Services.GetRequiredService<GrpcEndpoint>().Address!;
    }

    public TestDatabase Database { get; }
    public Uri BaseAddress { get; }

    /// <summary>Where gRPC is served: HTTP/2 without TLS.</summary>
    public Uri GrpcAddress { get; }
    public IServiceProvider Services => _app.Services;

    /// <param name="name">Service name in telemetry.</param>
    /// <param name="add">For example <c>s => s.AddCoreApi()</c>.</param>
    /// <param name="map">For example <c>a => a.MapCoreApi()</c>.</param>
    /// <param name="database">An existing database, for a second instance; a new one when null.</param>
    /// <param name="settings">Configuration, such as <c>("Eventing:RelayPoll", "00:00:00.050")</c>.</param>
    /// <param name="realAuthentication">Keep API keys instead of the test's authenticator.</param>
    public static async Task<TestService> StartAsync(
        string name, Action<IServiceCollection> add, Action<WebApplication> map, TestDatabase? database = null,
        IEnumerable<(string Key, string Value)>? settings = null, bool realAuthentication = false)
    {
        database ??= await TestPostgres.CreateDatabaseAsync();
        var builder = PlatformHost.CreateBuilder([], name);
        builder.Configuration.AddInMemoryCollection((settings ?? []).Select(s => KeyValuePair.Create(s.Key, (string?)s.Value))
            .Append(new("ConnectionStrings:platform", database.ConnectionString + ";Maximum Pool Size=20"))
            .Append(new("urls", "http://127.0.0.1:0"))
            .Append(new(GrpcOptions.PortSetting, "0")));
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        add(builder.Services);
        if (!realAuthentication)
        {
            builder.Services.AddSingleton<IAuthenticator, TestAuthenticator>();
            builder.Services.AddSingleton<IRateLimiter, NoLimit>();
        }

        var app = builder.Build();
        app.UsePlatform();
        map(app);
        await app.StartPlatformAsync();
        return new(app, database);
    }

    /// <summary>A client of one tenant.</summary>
    /// <param name="tenant">A new tenant when null.</param>
    public HttpClient Client(Guid? tenant = null, string role = Roles.Owner, params string[] scopes)
    {
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = BaseAddress };
        var id = tenant ?? TypeId.New(TimeProvider.System);
        client.DefaultRequestHeaders.Authorization = new("Bearer", TestAuthenticator.Token(id, role, scopes));
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}

/// <summary>Believes what the bearer token says: <c>test:tenant:role:scope,scope</c>.</summary>
public sealed class TestAuthenticator : IAuthenticator
{
    public static string Token(Guid tenant, string role = Roles.Owner, params string[] scopes) =>
        $"test:{tenant}:{role}:{string.Join(',', scopes.Length == 0 ? ["*"] : scopes)}";

    public ValueTask<(Principal? Principal, Problem? Problem)> AuthenticateAsync(HttpContext http)
    {
        var parts = http.Request.Headers.Authorization.ToString().Replace("Bearer ", "", StringComparison.Ordinal).Split(':');
        return ValueTask.FromResult<(Principal?, Problem?)>(parts.Length == 4 && parts[0] == "test"
            ? (new Principal(Guid.Parse(parts[1]), Guid.Parse(parts[1]), parts[2], parts[3].Split(',').ToHashSet(StringComparer.Ordinal)), null)
            : (null, KnownProblems.Unauthenticated("No test token.")));
    }
}

internal sealed class NoLimit : IRateLimiter
{
    private static readonly RateDecision Allowed = new(Allowed: true, new RatePolicy(100_000_000), int.MaxValue, 0, 0);

    public ValueTask<RateDecision> DecideAsync(Principal principal, CancellationToken cancellationToken) => ValueTask.FromResult(Allowed);
}
