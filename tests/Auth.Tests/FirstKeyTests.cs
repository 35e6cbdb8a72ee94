using System.Net;
using Platform.Auth.FirstKey;
using Platform.ServiceDefaults.Hosting;
using Microsoft.Extensions.Configuration;
using Platform.Testing;

namespace Platform.Auth.Tests;

/// <summary>The way into a new installation, whatever interrupts it.</summary>
public sealed class FirstKeyTests
{
    [Fact]
    public async Task TheFirstStartMakesOneOwnerKeyInAFileOfItsOwn()
    {
        await using var installation = await Installation.StartAsync();
        Assert.Equal([installation.OwnerKey], installation.Announced.Keys);
        Assert.Equal(HttpStatusCode.OK, (await installation.Owner.GetAsync("/v1/organization")).StatusCode);
        Assert.Contains("\"slug\":\"default\"", await installation.Owner.GetStringAsync("/v1/organization"), StringComparison.Ordinal);
        Assert.Equal(["api-key"], Directory.GetFiles(installation.Data).Select(Path.GetFileName));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(installation.KeyFile));
        }

        // A second start makes and says nothing.
        await using var again = await Installation.StartAsync(installation.Auth.Database);
        Assert.Empty(again.Announced.Keys);
        Assert.Equal(1, await installation.Auth.Database.ScalarAsync<long>("SELECT count(*) FROM auth.api_key"));
    }

    [Fact]
    public async Task TwoInstancesAtOnceMakeOneKey()
    {
        var database = await TestPostgres.CreateDatabaseAsync();
        var data = TemporaryFolder.Create();
        var both = await Task.WhenAll(Installation.StartAsync(database, data), Installation.StartAsync(database, data));
        await both[0].Auth.DisposeAsync();
        var key = Assert.Single(both.SelectMany(b => b.Announced.Keys));
        Assert.Equal(key, (await File.ReadAllTextAsync(both[1].KeyFile)).Trim());
        using var client = Installation.Client(both[1].Auth, key);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/v1/organization")).StatusCode);
        Assert.Equal(1, await database.ScalarAsync<long>("SELECT count(*) FROM auth.api_key"));
        await both[1].DisposeAsync();
    }

    [Fact]
    public async Task ACrashBetweenTheFileAndTheCommitLeavesNoDeadKeyInThePlaceOfTheLivingOne()
    {
        var data = TemporaryFolder.Create();
        var file = KeyFile(data);

        // As it is when the process dies before its commit: the key of an attempt that never was.
        file.Prepare(Guid.CreateVersion7(DateTimeOffset.UnixEpoch), "pk_live_dead");
        Assert.False(File.Exists(file.Path));

        await using var installation = await Installation.StartAsync(data: data);
        Assert.Equal(HttpStatusCode.OK, (await installation.Owner.GetAsync("/v1/organization")).StatusCode);
        Assert.Equal(["api-key"], Directory.GetFiles(data).Select(Path.GetFileName));
    }

    [Fact]
    public async Task ACrashBetweenTheCommitAndTheMoveIsMadeUpForAtTheNextStart()
    {
        var data = TemporaryFolder.Create();
        string key;
        TestDatabase database;
        await using (var first = await Installation.StartAsync())
        {
            key = first.OwnerKey;
            database = first.Auth.Database;

            // As it is when the process dies after its commit.
            Assert.True(ServiceDefaults.Authentication.Keys.ApiKeyText.TryParse(key, out var id));
            KeyFile(data).Prepare(id, key);
        }

        await using var second = await Installation.StartAsync(database, data);
        Assert.Equal(key, second.OwnerKey);
        Assert.Equal(HttpStatusCode.OK, (await second.Owner.GetAsync("/v1/organization")).StatusCode);
    }

    [Fact]
    public async Task AFolderThatCannotBeWrittenEndsTheStartWithOneLineAndNoKey()
    {
        var data = TemporaryFolder.Create();
        var notAFolder = Path.Combine(data, "file");
        await File.WriteAllTextAsync(notAFolder, "");
        var database = await TestPostgres.CreateDatabaseAsync();
        var failure = await Assert.ThrowsAsync<StartupException>(() => Installation.StartAsync(database, notAFolder));
        Assert.Contains("PLATFORM_DATA", PlatformHost.Explain(failure), StringComparison.Ordinal);
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM auth.api_key"));

        await using var installation = await Installation.StartAsync(database, data);
        Assert.Equal(HttpStatusCode.OK, (await installation.Owner.GetAsync("/v1/organization")).StatusCode);
    }

    private static FirstKeyFile KeyFile(string data) =>
        new(new ConfigurationBuilder().AddInMemoryCollection([new("PLATFORM_DATA", data)]).Build());
}
