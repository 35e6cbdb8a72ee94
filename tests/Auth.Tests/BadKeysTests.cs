using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Platform.ServiceDefaults.Authentication.Keys;
using Platform.Testing;

namespace Platform.Auth.Tests;

/// <summary>Everything that is not a working key is refused, and nothing in the answer tells one kind of dead key from another.</summary>
public sealed class BadKeysTests
{
    [Fact]
    public async Task EveryBadKeyGetsA401()
    {
        await using var installation = await Installation.StartAsync();
        var other = await installation.OtherAsync();
        var key = installation.OwnerKey;
        var old = Guid.CreateVersion7(TimeProvider.System.GetUtcNow().AddDays(-1));
        string?[] bad =
        [
            null, "", " ", "Bearer", "Bearer ", $"Basic {key}", key, $"Bearer{key}", $"Bearer {key}x", $"Bearer {key[..^1]}", $"Bearer {key} {key}",
            $"Bearer {key.ToUpperInvariant()}", $"Bearer {key.Replace("live", "test", StringComparison.Ordinal)}", $"Bearer {new string('a', 10_000)}",
            $"Bearer {ApiKeyText.Create("live", old)}", $"Bearer {ApiKeyText.Create("test", Guid.Empty)}", "Bearer pk_live_", "Bearer \"" + key + "\"",
            "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJvd25lciJ9.", $"Digest username=\"{key}\"",
        ];
        foreach (var service in (TestService[])[installation.Auth, other])
        {
            using var client = new HttpClient { BaseAddress = service.BaseAddress };
            foreach (var header in bad)
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, service == other ? "/whoami" : "/v1/api-keys");
                if (header is not null)
                {
                    Assert.True(request.Headers.TryAddWithoutValidation("Authorization", header));
                }

                await AssertRefusedAsync(await client.SendAsync(request), header);
            }
        }
    }

    [Fact]
    public async Task UnknownRevokedExpiredAndWrongSecretGetTheSameAnswer()
    {
        await using var installation = await Installation.StartAsync();
        var revoked = await installation.CreateKeyAsync();
        (await installation.Owner.DeleteAsync("/v1/api-keys/" + revoked.Id)).EnsureSuccessStatusCode();
        var expiring = await installation.CreateKeyAsync(new { name = "short", expires_at = TimeProvider.System.GetUtcNow().AddSeconds(1) });
        Assert.True(ApiKeyText.TryParse(installation.OwnerKey, out var ownerId));
        var texts = new Dictionary<string, string>
        {
            ["revoked"] = revoked.Text,
            ["expired"] = expiring.Text,
            ["wrong secret"] = ApiKeyText.Create("live", ownerId),
            ["unknown"] = ApiKeyText.Create("live", Guid.CreateVersion7(TimeProvider.System.GetUtcNow().AddDays(-1))),
        };
        var bodies = new HashSet<string>();
        foreach (var (kind, text) in texts)
        {
            using var client = Installation.Client(installation.Auth, text);
            client.DefaultRequestHeaders.Add("X-Request-Id", "same");
            await Eventually.IsTrueAsync(async () => (await client.GetAsync("/v1/organization")).StatusCode == HttpStatusCode.Unauthorized, kind);
            bodies.Add(await (await client.GetAsync("/v1/organization")).Content.ReadAsStringAsync());
        }

        Assert.Single(bodies);
    }

    [Fact]
    public async Task TwoAuthorizationHeadersAreRefused()
    {
        await using var installation = await Installation.StartAsync();
        using var socket = new System.Net.Sockets.TcpClient();
        await socket.ConnectAsync(installation.Auth.BaseAddress.Host, installation.Auth.BaseAddress.Port);
        await using var stream = socket.GetStream();
        var header = $"Authorization: Bearer {installation.OwnerKey}\r\n";
        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"GET /v1/organization HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{header}{header}\r\n"));
        using var reader = new StreamReader(stream);
        Assert.Contains(" 401 ", await reader.ReadLineAsync(), StringComparison.Ordinal);
    }

    private static async Task AssertRefusedAsync(HttpResponseMessage response, string? header)
    {
        Assert.True(response.StatusCode == HttpStatusCode.Unauthorized, $"{response.StatusCode} for {header}");
        Assert.Equal("Bearer", response.Headers.WwwAuthenticate.ToString());
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.ToString());
        Assert.Equal("unauthenticated", (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString());
    }
}
