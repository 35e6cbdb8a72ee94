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

    /// <summary>An owner's key of the tenant.</summary>
    public static async Task<(string Text, Guid Id)> AddAsync(TestService service, Guid tenant, string expires = "NULL")
    {
        var id = TypeId.New(TimeProvider.System);
        var text = ApiKeyText.Create("test", id);
        var hash = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        await service.Database.ExecuteAsync($$"""
            INSERT INTO core.known_key (tenant_id, key_id, hash, role, scopes, expires_at, version)
            VALUES ('{{tenant}}', '{{id}}', '\x{{hash}}', 'owner', '{*}', {{expires}}, 1)
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
