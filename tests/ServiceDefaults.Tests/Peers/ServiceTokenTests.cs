using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Hosting;
using Platform.ServiceDefaults.OpenApi;
using Platform.ServiceDefaults.Peers;
using Platform.Testing;

namespace Platform.ServiceDefaults.Tests.Peers;

/// <summary>Calls from service to service: what a token opens, and what it does not.</summary>
public sealed class ServiceTokenTests(ServiceTokenTests.Fixture fixture) : IClassFixture<ServiceTokenTests.Fixture>
{
    private const string Secret = "0123456789abcdef0123456789abcdef";
    private static readonly Guid Tenant = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
    private static readonly Guid Key = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
    private static readonly ServiceCaller Caller = new(Tenant, Key, "job_1", [Scopes.ResourcesRead]);

    [Fact]
    public async Task A_token_speaks_for_its_organization_with_its_scopes_and_is_not_limited()
    {
        using var answer = await CallAsync(Issue(Caller));
        Assert.Equal($"{Tenant} key_", (await answer.Content.ReadAsStringAsync())[..41]);
        Assert.False(answer.Headers.Contains("RateLimit"));
        using var refused = await CallAsync(Issue(Caller), "/writes");
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        using var keyless = await CallAsync(Issue(Caller with { KeyId = null }));
        Assert.Equal($"{Tenant} job_1", await keyless.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_scope_that_only_administrators_have_is_not_given_by_a_token()
    {
        using var answer = await CallAsync(Issue(Caller with { Scopes = [Scopes.KeysRead] }), "/keys");
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task The_process_calls_itself_with_such_a_token()
    {
        var calls = fixture.Service.Services.GetRequiredService<ServiceCalls>();
        using var answer = await calls.SendAsync("sample", Caller, () => new(HttpMethod.Get, new Uri("/reads", UriKind.Relative)), CancellationToken.None);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task A_token_with_any_bit_changed_is_refused()
    {
        var token = Issue(Caller);
        for (var i = 0; i < token.Length; i += 7)
        {
            using var answer = await CallAsync(token[..i] + (token[i] == 'A' ? 'B' : 'A') + token[(i + 1)..]);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }
    }

    [Fact]
    public async Task Another_tenants_claims_under_this_signature_are_refused()
    {
        var mine = Issue(Caller).Split('.');
        var theirs = Issue(Caller with { TenantId = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()) }, secret: "another secret of thirty-two chars").Split('.');
        foreach (var token in (string[])[$"{mine[0]}.{theirs[1]}.{mine[2]}", string.Join('.', theirs), $"{mine[0]}.{mine[1]}.", $"{mine[0]}..{mine[2]}", "pst1.", "pst1...", "pst1." + new string('x', 9000)])
        {
            using var answer = await CallAsync(token);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }
    }

    [Fact]
    public async Task An_expired_token_one_from_the_future_and_one_for_another_service_are_refused()
    {
        var now = TimeProvider.System.GetUtcNow();
        foreach (var token in (string[])[Issue(Caller, now.AddMinutes(-6)), Issue(Caller, now.AddMinutes(10)), Issue(Caller, audience: "core")])
        {
            using var answer = await CallAsync(token);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }
    }

    [Fact]
    public void While_the_secret_is_changed_both_are_good_and_the_first_signs()
    {
        const string next = "fedcba9876543210fedcba9876543210";
        var both = Tokens(next + "," + Secret);
        Assert.NotNull(both.Verify(Issue(Caller), _ => true));
        Assert.NotNull(Tokens(next).Verify(both.Issue(Caller, "sample"), _ => true));
        Assert.Null(Tokens(Secret).Verify(both.Issue(Caller, "sample"), _ => true));
    }

    [Fact]
    public async Task Without_a_secret_no_call_goes_out_and_none_is_accepted()
    {
        await using var bare = await SampleService.StartAsync(Map);
        using var client = new HttpClient { BaseAddress = bare.BaseAddress };
        client.DefaultRequestHeaders.Authorization = new("Bearer", Issue(Caller));
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/reads")).StatusCode);
        client.DefaultRequestHeaders.Authorization = new("Bearer", Issue(Caller, secret: ""));
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/reads")).StatusCode);
        var calls = bare.Services.GetRequiredService<ServiceCalls>();
        var refused = await Assert.ThrowsAsync<ServiceCallException>(() =>
            calls.SendAsync("sample", Caller, () => new(HttpMethod.Get, new Uri("/reads", UriKind.Relative)), CancellationToken.None));
        Assert.Contains("PLATFORM_SERVICE_SECRET", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_whose_place_nobody_has_said_is_named_and_one_that_is_away_too()
    {
        var calls = fixture.Service.Services.GetRequiredService<ServiceCalls>();
        var unknown = await Assert.ThrowsAsync<ServiceCallException>(() => calls.SendAsync("core", Caller, () => new(HttpMethod.Get, new Uri("/x", UriKind.Relative)), CancellationToken.None));
        Assert.Contains("Peers__core", unknown.Message, StringComparison.Ordinal);
        var away = await Assert.ThrowsAsync<ServiceCallException>(() => calls.SendAsync("away", Caller, () => new(HttpMethod.Get, new Uri("/x", UriKind.Relative)), CancellationToken.None));
        Assert.Contains("'away' cannot be reached", away.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_is_tried_again_while_the_other_side_says_later()
    {
        var calls = fixture.Service.Services.GetRequiredService<ServiceCalls>();
        using var answer = await calls.SendAsync("sample", Caller, () => new(HttpMethod.Get, new Uri("/later", UriKind.Relative)), CancellationToken.None);
        Assert.Equal((HttpStatusCode.OK, "3"), (answer.StatusCode, await answer.Content.ReadAsStringAsync()));
    }

    [Fact]
    public void A_secret_that_is_too_short_ends_the_start() =>
        Assert.Contains("32 characters", Assert.Throws<StartupException>(() => Tokens("short")).Message, StringComparison.Ordinal);

    private static string Issue(ServiceCaller caller, DateTimeOffset? at = null, string audience = "sample", string secret = Secret) =>
        secret.Length == 0
            ? "pst1." + Convert.ToBase64String(Encoding.UTF8.GetBytes("{}")) + "." + Convert.ToBase64String(System.Security.Cryptography.HMACSHA256.HashData([], "pst1.e30="u8)).TrimEnd('=')
            : Tokens(secret, at is null ? TimeProvider.System : new TestClock(at.Value)).Issue(caller, audience);

    private static ServiceTokens Tokens(string secret, TimeProvider? clock = null) => new(
        new ServiceSecret(new ConfigurationBuilder().AddInMemoryCollection([new(ServiceSecret.Setting, secret)]).Build()), clock ?? TimeProvider.System);

    private static void Map(WebApplication app)
    {
        var calls = 0;
        app.MapGet("/reads", (HttpContext http) => $"{http.Principal().TenantId} {http.Principal().Actor}").RequireScope(Scopes.ResourcesRead).Undescribed("A test's own.");
        app.MapGet("/writes", () => "").RequireScope(Scopes.ResourcesWrite).Undescribed("A test's own.");
        app.MapGet("/keys", () => "").RequireScope(Scopes.KeysRead).Undescribed("A test's own.");
        app.MapGet("/later", () => Interlocked.Increment(ref calls) is var n && n < 3 ? Results.StatusCode(503) : Results.Text(n.ToString())).RequireScope(Scopes.ResourcesRead).Undescribed("A test's own.");
    }

    private async Task<HttpResponseMessage> CallAsync(string token, string path = "/reads")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(fixture.Service.BaseAddress, path));
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token);
        return await fixture.Http.SendAsync(request);
    }

    public sealed class Fixture : IAsyncLifetime
    {
        internal TestService Service { get; private set; } = null!;
        internal HttpClient Http { get; } = new();

        public async Task InitializeAsync() => Service = await SampleService.StartAsync(
            Map, settings: [(ServiceSecret.Setting, Secret), ("Peers:away", $"http://127.0.0.1:{PlatformProcess.FreePort()}")], realAuthentication: true);

        public async Task DisposeAsync()
        {
            Http.Dispose();
            await Service.DisposeAsync();
        }
    }
}
