using System.Text.RegularExpressions;
using Platform.CoreApi.Tests.Feed;

namespace Platform.CoreApi.Tests.Parity;

/// <summary>An organization of its own, its key, and the names of what is in it: <c>$id</c> in an ask is the value of <c>id</c> here.</summary>
internal sealed partial class World(TestService service, string ownerKey) : IDisposable
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    public TestService Service => service;
    public Guid Tenant { get; private init; }

    /// <summary>What is sent as <c>Authorization</c>; nothing when null.</summary>
    public string? Authorization { get; set; } = "Bearer " + ownerKey;

    /// <summary>An owner, for what has to be there before.</summary>
    public HttpClient Owner { get; } = service.Client(ownerKey);

    /// <summary>What has to stay open until the rule is through.</summary>
    public List<IDisposable> Open { get; } = [];

    public string this[string name]
    {
        get => _values[name];
        set => _values[name] = value;
    }

    public static async Task<World> CreateAsync(TestService service)
    {
        var tenant = Publishing.NewTenant();
        return new(service, (await FeedKeys.AddAsync(service, tenant)).Text) { Tenant = tenant };
    }

    public string Fill(string text) => Name().Replace(text, m => _values[m.Groups[1].Value]);

    /// <summary>From here on asks are made with another key. Arguments as of <see cref="FeedKeys.AddAsync"/>.</summary>
    public async Task UseKeyAsync(string expires = "NULL", string role = "owner", string scopes = "*", string rateLimit = "NULL", string revoked = "NULL") =>
        Authorization = "Bearer " + (await FeedKeys.AddAsync(service, Tenant, expires, role, scopes, rateLimit, revoked)).Text;

    /// <summary>A resource of this organization, whose id goes by the name.</summary>
    public async Task CreateAsync(string name = "id", string type = "order") => this[name] = (await Owner.CreatedAsync(type)).Id;

    /// <summary>Every change of a resource is one version more.</summary>
    public Task<long> VersionsAsync() =>
        service.Database.ScalarAsync<long>($"SELECT COALESCE(sum(version), 0)::bigint FROM core.resource WHERE tenant_id = '{Tenant}'");

    public void Dispose()
    {
        Open.ForEach(o => o.Dispose());
        Owner.Dispose();
    }

    [GeneratedRegex(@"\$([a-z]+)")]
    private static partial Regex Name();
}
