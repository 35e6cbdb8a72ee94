using System.Security.Cryptography;
using System.Text;
using Platform.Contracts.Identifiers;
using Platform.ServiceDefaults.Authentication.Keys;
using Platform.Testing;

namespace Platform.CoreApi.Tests.Feed;

/// <summary>Real API keys, as they stand in the service's own copy.</summary>
internal static class FeedKeys
{
    public static Task<TestService> StartAsync(TestDatabase? database = null) => CoreApiFixture.StartAsync(database, realAuthentication: true);

    /// <summary>A key of the tenant, an owner's that may everything unless said otherwise; <paramref name="expires"/> and what follows are SQL.</summary>
    public static async Task<(string Text, Guid Id)> AddAsync(
        TestService service, Guid tenant, string expires = "NULL", string role = "owner", string scopes = "*", string rateLimit = "NULL", string revoked = "NULL")
    {
        var id = TypeId.New(TimeProvider.System);
        var text = ApiKeyText.Create("test", id);
        var hash = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        await service.Database.ExecuteAsync($$"""
            INSERT INTO core.known_key (tenant_id, key_id, hash, role, scopes, rate_limit, expires_at, revoked_at, version)
            VALUES ('{{tenant}}', '{{id}}', '\x{{hash}}', '{{role}}', string_to_array('{{scopes}}', ','), {{rateLimit}}, {{expires}}, {{revoked}}, 1)
            """);
        return (text, id);
    }

    public static HttpClient Client(this TestService service, string key)
    {
        var client = new HttpClient { BaseAddress = service.BaseAddress };
        client.DefaultRequestHeaders.Authorization = new("Bearer", key);
        return client;
    }
}
