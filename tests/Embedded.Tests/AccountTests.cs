namespace Platform.Embedded.Tests;

/// <summary>As root the server runs under another account; as anybody else under one's own.</summary>
public sealed class AccountTests : IDisposable
{
    private readonly TestData data = new();

    public void Dispose() => data.Dispose();

    [Fact]
    public async Task The_server_does_not_run_as_root()
    {
        await using var postgres = await data.StartAsync();

        var user = await UserOfAsync(postgres.ProcessId);
        Assert.NotEqual("0", user);
        if (!Environment.IsPrivilegedProcess)
        {
            Assert.Equal(await UserOfAsync(Environment.ProcessId), user);
        }
    }

    [RootFact]
    public async Task Below_a_folder_that_is_closed_to_the_servers_account_the_cluster_lives_elsewhere()
    {
        var closed = Path.GetDirectoryName(data.Path)!;
        File.SetUnixFileMode(closed, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        string? cluster = null;
        try
        {
            await using (var first = await data.StartAsync())
            {
                await TestData.ExecuteAsync(first.ConnectionString, "create table note(text text); insert into note values ('kept')");
            }

            Assert.False(Directory.Exists(data.Cluster));
            cluster = (await File.ReadAllTextAsync(data.File("postgres.location"))).Trim();
            Assert.True(Directory.Exists(cluster));

            await using var second = await data.StartAsync();
            Assert.Equal("kept", await TestData.QueryAsync<string>(second.ConnectionString, "select text from note"));
        }
        finally
        {
            if (cluster is not null)
            {
                Folders.TryDelete(Path.GetDirectoryName(cluster)!);
            }
        }
    }

    [RootFact]
    public async Task An_ordinary_user_needs_no_other_account_and_root_can_carry_on()
    {
        // A user's own folder and cache, as far as possible from root's.
        var home = Path.GetDirectoryName(data.Path)!;
        Posix.ChangeOwner(home, 65534, 65534);
        var readable = Path.Combine(home, "host");
        CopyHost(readable);
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["HOME"] = home, ["XDG_CACHE_HOME"] = null, ["DOTNET_CLI_HOME"] = home };

        using (var host = Host.Launch(data.Path, environment, readable, "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"))
        {
            var (server, _, connectionString) = await host.ReadyAsync();
            Assert.Equal("65534", await UserOfAsync(server));
            await TestData.ExecuteAsync(connectionString, "create table note(text text); insert into note values ('kept')");
            Assert.Equal(0, await host.EndAsync());
        }

        await using var asRoot = await data.StartAsync();
        Assert.Equal("65534", await UserOfAsync(asRoot.ProcessId));
        Assert.Equal("kept", await TestData.QueryAsync<string>(asRoot.ConnectionString, "select text from note"));
    }

    private static void CopyHost(string target)
    {
        Folders.CreateReadable(target);
        foreach (var file in Directory.GetFiles(AppContext.BaseDirectory))
        {
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        }
    }

    private static async Task<string> UserOfAsync(int id) =>
        (await File.ReadAllLinesAsync($"/proc/{id}/status")).First(l => l.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1];
}

/// <summary>What only root can try; others have the ordinary path in every other test.</summary>
public sealed class RootFactAttribute : FactAttribute
{
    public RootFactAttribute()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            Skip = "needs root";
        }
    }
}
