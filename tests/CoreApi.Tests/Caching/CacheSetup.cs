using Microsoft.Extensions.DependencyInjection;
using Platform.Contracts.Identifiers;
using Platform.CoreApi.Caching;
using Platform.CoreApi.Caching.Redis;
using Platform.Testing;

namespace Platform.CoreApi.Tests.Caching;

/// <summary>The ways in which the read cache works: one instance with its memory, two with the database, two with Redis.</summary>
public sealed class CacheSetup : IAsyncDisposable
{
    public const string Alone = "alone";
    public const string Beside = "beside another";
    public const string OnRedis = "on Redis";

    private readonly List<TestService> _instances = [];

    public TestRedis? Redis { get; private set; }
    public IReadOnlyList<TestService> Instances => _instances;
    public TestDatabase Database => _instances[0].Database;

    public static TheoryData<string> All => [Alone, Beside, OnRedis];

    public static async Task<CacheSetup> StartAsync(string kind)
    {
        var setup = new CacheSetup { Redis = kind == OnRedis ? await TestRedis.StartAsync() : null };
        await setup.AddInstanceAsync();
        if (kind == Alone)
        {
            await setup.HoldsAsync();
        }
        else
        {
            await setup.AddInstanceAsync();
        }

        if (kind == OnRedis)
        {
            await Eventually.IsTrueAsync(() => setup._instances.All(i => i.Services.GetRequiredService<RedisConnection>().Database is not null), "Redis is connected");
        }

        return setup;
    }

    public async Task<TestService> AddInstanceAsync(params (string Key, string Value)[] settings)
    {
        (string, string)[] common = [("Cache:AloneAfter", "00:00:00.1"), ("ConnectionStrings:redis", Redis?.ConnectionString ?? "")];
        var instance = await TestService.StartAsync("core", s => s.AddCoreApi(), a => a.MapCoreApi(), _instances.FirstOrDefault()?.Database, [.. common, .. settings]);
        _instances.Add(instance);
        return instance;
    }

    /// <summary>Until the instance answers from its memory.</summary>
    public Task HoldsAsync(int instance = 0) =>
        Eventually.IsTrueAsync(() => _instances[instance].Services.GetRequiredService<SoleInstance>().IsAlone, "the instance knows that it is alone");

    /// <summary>
    /// A resource that the first instance answers from its memory, as its version 1, while the database says 7: proof that it is held. On a
    /// slow machine a process may not know for a moment that it is alone; then another resource is tried.
    /// </summary>
    public async Task<(HttpClient Client, Guid Tenant, string Path, Guid Id)> HeldAsync()
    {
        var tenant = TypeId.New(TimeProvider.System);
        var client = Instances[0].Client(tenant);
        Document? held = null;
        await Eventually.IsTrueAsync(async () =>
        {
            await HoldsAsync();
            held = await client.CreatedAsync();
            await client.GetDocumentAsync("/v1/resources/" + held.Id);
            Assert.True(TypeId.TryParse(IdPrefix.Resource, held.Id, out var key));
            await Database.ExecuteAsync($"UPDATE core.resource SET version = 7 WHERE id = '{key}'");
            return (await client.GetDocumentAsync("/v1/resources/" + held.Id)).Text == held.Text;
        }, "a resource is held");
        Assert.True(TypeId.TryParse(IdPrefix.Resource, held!.Id, out var id));
        return (client, tenant, "/v1/resources/" + held.Id, id);
    }

    public async Task StopAsync(int instance)
    {
        await _instances[instance].DisposeAsync();
        _instances.RemoveAt(instance);
    }

    internal ResourceCache CacheOf(int instance) => _instances[instance].Services.GetRequiredService<ResourceCache>();

    public async ValueTask DisposeAsync()
    {
        foreach (var instance in _instances)
        {
            await instance.DisposeAsync();
        }

        if (Redis is not null)
        {
            await Redis.DisposeAsync();
        }
    }
}
