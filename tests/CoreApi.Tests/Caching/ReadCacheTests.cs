using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Platform.Contracts.Identifiers;
using Platform.CoreApi.Caching;
using Platform.CoreApi.Caching.Redis;
using Platform.Testing;

namespace Platform.CoreApi.Tests.Caching;

/// <summary>No read is older than a write that was acknowledged before it was asked, whoever holds what.</summary>
public sealed class ReadCacheTests
{
    [Theory]
    [MemberData(nameof(CacheSetup.All), MemberType = typeof(CacheSetup))]
    public async Task Writers_and_readers_at_once_never_read_what_is_over(string kind)
    {
        const int resources = 4;
        const int writers = 8;
        await using var setup = await CacheSetup.StartAsync(kind);
        var tenant = TypeId.New(TimeProvider.System);
        var clients = setup.Instances.Select(i => i.Client(tenant)).ToArray();
        var paths = new List<string>();
        for (var i = 0; i < resources; i++)
        {
            paths.Add("/v1/resources/" + (await clients[0].CreatedAsync()).Id);
        }

        // Acknowledged so far; a read must show at least what stood here before it was asked.
        var acknowledged = new long[resources];
        Array.Fill(acknowledged, 1);
        using var done = new CancellationTokenSource();
        var stale = new ConcurrentQueue<string>();
        var reads = 0;
        var readers = Enumerable.Range(0, 8).Select(r => Task.Run(async () =>
        {
            for (var n = r; !done.IsCancellationRequested; n++)
            {
                var which = n % resources;
                var least = Volatile.Read(ref acknowledged[which]);
                var read = await clients[n % clients.Length].GetDocumentAsync(paths[which]);
                Interlocked.Increment(ref reads);
                if (read["version"].GetInt64() < least)
                {
                    stale.Enqueue($"{paths[which]} read as {read["version"]}, acknowledged was {least}");
                }
            }
        })).ToArray();
        await Task.WhenAll(Enumerable.Range(0, writers).Select(w => Task.Run(async () =>
        {
            for (var n = 0; n < 25; n++)
            {
                var which = (w + n) % resources;
                using var response = await clients[(w + n) % clients.Length].SendJsonAsync(HttpMethod.Patch, paths[which], $$"""{"data":{"w":{{w}},"n":{{n}} } }""");
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                var version = (await response.DocumentAsync())["version"].GetInt64();
                long seen;
                while ((seen = Volatile.Read(ref acknowledged[which])) < version && Interlocked.CompareExchange(ref acknowledged[which], version, seen) != seen)
                {
                    // Another writer was faster; look again.
                }
            }
        })));
        await done.CancelAsync();
        await Task.WhenAll(readers);
        Assert.Empty(stale);
        Assert.True(reads > 100, $"{reads} reads");
        for (var i = 0; i < resources; i++)
        {
            foreach (var client in clients)
            {
                Assert.Equal(1 + (writers * 25 / resources), (await client.GetDocumentAsync(paths[i]))["version"].GetInt64());
            }
        }
    }

    [Theory]
    [MemberData(nameof(CacheSetup.All), MemberType = typeof(CacheSetup))]
    public async Task What_is_deleted_is_gone_at_once_everywhere(string kind)
    {
        await using var setup = await CacheSetup.StartAsync(kind);
        var tenant = TypeId.New(TimeProvider.System);
        var clients = setup.Instances.Select(i => i.Client(tenant)).ToArray();
        for (var n = 0; n < 20; n++)
        {
            var path = "/v1/resources/" + (await clients[0].CreatedAsync()).Id;
            await Task.WhenAll(clients.Select(c => c.GetDocumentAsync(path)));
            using var deleted = await clients[n % clients.Length].DeleteAsync(path);
            Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
            foreach (var client in clients)
            {
                using var read = await client.GetAsync(path);
                Assert.Equal(HttpStatusCode.NotFound, read.StatusCode);
            }
        }
    }

    [Theory]
    [MemberData(nameof(CacheSetup.All), MemberType = typeof(CacheSetup))]
    public async Task Another_tenant_finds_nothing(string kind)
    {
        await using var setup = await CacheSetup.StartAsync(kind);
        var owner = setup.Instances[0].Client();
        var path = "/v1/resources/" + (await owner.CreatedAsync()).Id;
        await owner.GetDocumentAsync(path);
        await owner.GetDocumentAsync(path);
        foreach (var instance in setup.Instances)
        {
            using var read = await instance.Client().GetAsync(path);
            Assert.Equal(HttpStatusCode.NotFound, read.StatusCode);
        }
    }

    [Theory]
    [MemberData(nameof(CacheSetup.All), MemberType = typeof(CacheSetup))]
    public async Task Held_or_not_the_answer_is_the_same(string kind)
    {
        await using var setup = await CacheSetup.StartAsync(kind);
        var tenant = TypeId.New(TimeProvider.System);
        var clients = setup.Instances.Select(i => i.Client(tenant)).ToArray();
        var created = await clients[0].CreatedAsync(data: """{"b":1,"a":[1.50,"ü😀"]}""", labels: """{"z":"1","a":"2"}""");
        var path = "/v1/resources/" + created.Id;
        for (var n = 0; n < 4; n++)
        {
            var client = clients[n % clients.Length];
            using var whole = await client.GetAsync(path);
            Assert.Equal(created.Text, await whole.Content.ReadAsStringAsync());
            Assert.Equal("\"1\"", whole.Headers.ETag!.Tag);
            Assert.Equal("no-cache, private", whole.Headers.CacheControl!.ToString());
            Assert.Equal("""{"type":"order","labels":{"a":"2","z":"1"},"version":1}""", (await client.GetDocumentAsync(path + "?fields=version,labels,type")).Text);
            using var condition = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "If-None-Match", "\"1\"" } } };
            using var unchanged = await client.SendAsync(condition);
            Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
            Assert.Equal("\"1\"", unchanged.Headers.ETag!.Tag);
        }
    }

    [Fact]
    public async Task A_process_that_is_alone_answers_without_the_database()
    {
        await using var setup = await CacheSetup.StartAsync(CacheSetup.Alone);
        await setup.HeldAsync();
        Assert.True(setup.CacheOf(0).Bytes > 0);
    }

    [Fact]
    public async Task Two_on_Redis_answer_without_the_database()
    {
        await using var setup = await CacheSetup.StartAsync(CacheSetup.OnRedis);
        var tenant = TypeId.New(TimeProvider.System);
        var created = await setup.Instances[0].Client(tenant).CreatedAsync();
        var path = "/v1/resources/" + created.Id;
        await setup.Instances[0].Client(tenant).GetDocumentAsync(path);
        await setup.Database.ExecuteAsync("UPDATE core.resource SET data = '{\"changed\":true}'");
        await Eventually.IsTrueAsync(
            async () => (await setup.Instances[1].Client(tenant).GetDocumentAsync(path)).Text == created.Text, "the other instance reads what is shared");
    }

    [Fact]
    public async Task One_that_joins_ends_the_others_memory_before_it_takes_requests_and_one_that_leaves_brings_it_back()
    {
        await using var setup = await CacheSetup.StartAsync(CacheSetup.Alone);
        var tenant = TypeId.New(TimeProvider.System);
        var first = setup.Instances[0].Client(tenant);
        var path = "/v1/resources/" + (await first.CreatedAsync()).Id;
        for (var round = 0; round < 3; round++)
        {
            await setup.HoldsAsync();
            var held = (await first.GetDocumentAsync(path))["version"].GetInt64();
            await first.GetDocumentAsync(path);
            var second = (await setup.AddInstanceAsync()).Client(tenant);
            Assert.Equal(0, setup.CacheOf(0).Bytes);
            using var changed = await second.SendJsonAsync(HttpMethod.Patch, path, $$"""{"data":{"round":{{round}} } }""");
            Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
            Assert.Equal(held + 1, (await first.GetDocumentAsync(path))["version"].GetInt64());
            await setup.StopAsync(1);
        }
    }

    [Fact]
    public async Task A_session_that_is_lost_ends_the_memory_until_it_is_back()
    {
        await using var setup = await CacheSetup.StartAsync(CacheSetup.Alone);
        var client = setup.Instances[0].Client();
        var path = "/v1/resources/" + (await client.CreatedAsync()).Id;
        await Eventually.IsTrueAsync(async () => (await client.GetDocumentAsync(path)).Id.Length > 0 && setup.CacheOf(0).Bytes > 0, "it is held");
        await setup.Database.ExecuteAsync("""
            SELECT pg_terminate_backend(pid) FROM pg_locks
            WHERE locktype = 'advisory' AND objsubid = 2 AND classid = (hashtext('platform.cache.alone')::bigint & 4294967295)::oid
            """);
        await Eventually.IsTrueAsync(() => setup.CacheOf(0).Bytes == 0, "the memory is let go");
        await Eventually.IsTrueAsync(async () => (await client.GetDocumentAsync(path)).Id.Length > 0 && setup.CacheOf(0).Bytes > 0, "it is held again");
    }

    [Fact]
    public async Task An_event_of_a_later_version_ends_what_is_held()
    {
        await using var setup = await CacheSetup.StartAsync(CacheSetup.Alone);
        var (client, tenant, path, id) = await setup.HeldAsync();
        var before = setup.CacheOf(0).Bytes;
        setup.CacheOf(0).Heard(tenant, id, 1);
        Assert.Equal(before, setup.CacheOf(0).Bytes);
        setup.CacheOf(0).Heard(tenant, id, 2);
        Assert.True(setup.CacheOf(0).Bytes < before);
        Assert.Equal(7, (await client.GetDocumentAsync(path))["version"].GetInt64());
    }

    [Fact]
    public async Task A_tenant_that_reads_everything_pushes_nobody_out_and_stays_within_its_bounds()
    {
        await using var setup = new CacheSetup();
        var service = await setup.AddInstanceAsync(("Cache:MaxBytesPerTenant", "40000"), ("Cache:MaxBytes", "100000"));
        await setup.HoldsAsync();
        var (quiet, _, quietPath, _) = await setup.HeldAsync();
        var before = setup.CacheOf(0).Bytes;
        var loud = service.Client();
        for (var n = 0; n < 150; n++)
        {
            await loud.GetDocumentAsync("/v1/resources/" + (await loud.CreatedAsync()).Id);
            Assert.InRange(setup.CacheOf(0).Bytes, before, before + 41_000);
        }

        await Eventually.IsTrueAsync(async () => (await quiet.GetDocumentAsync(quietPath))["version"].GetInt64() == 1, "the quiet one's is still held");
        foreach (var _ in Enumerable.Range(0, 10))
        {
            var other = service.Client();
            for (var n = 0; n < 20; n++)
            {
                await other.GetDocumentAsync("/v1/resources/" + (await other.CreatedAsync()).Id);
            }

            Assert.InRange(setup.CacheOf(0).Bytes, 0, 101_000);
        }
    }

    [Fact]
    public async Task Redis_that_is_killed_and_comes_back_costs_no_write_and_brings_no_old_version_back()
    {
        await using var setup = await CacheSetup.StartAsync(CacheSetup.OnRedis);
        var tenant = TypeId.New(TimeProvider.System);
        var clients = setup.Instances.Select(i => i.Client(tenant)).ToArray();
        var path = "/v1/resources/" + (await clients[0].CreatedAsync()).Id;
        var version = 1L;
        for (var round = 0; round < 2; round++)
        {
            await WriteAndReadAsync();
            await setup.Redis!.KillAsync();
            await WriteAndReadAsync();
            await setup.Redis.StartAgainAsync();

            // While only one of them is connected again, the other cannot tell it: that is the half minute in the documentation.
            await Eventually.IsTrueAsync(() => setup.Instances.All(i => i.Services.GetRequiredService<RedisConnection>().Database is not null), "Redis is connected again");
        }

        async Task WriteAndReadAsync()
        {
            for (var n = 0; n < 6; n++)
            {
                using var changed = await clients[n % 2].SendJsonAsync(HttpMethod.Patch, path, $$"""{"data":{"n":"{{version.ToString(CultureInfo.InvariantCulture)}}"} }""");
                Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
                version++;
                Assert.Equal(version, (await clients[0].GetDocumentAsync(path))["version"].GetInt64());
                Assert.Equal(version, (await clients[1].GetDocumentAsync(path))["version"].GetInt64());
            }
        }
    }
}
