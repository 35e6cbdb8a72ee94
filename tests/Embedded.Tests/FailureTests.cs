namespace Platform.Embedded.Tests;

/// <summary>What can be expected to go wrong ends in one clear line.</summary>
public sealed class FailureTests : IDisposable
{
    private readonly TestData data = new();

    public void Dispose() => data.Dispose();

    [Fact]
    public async Task Missing_passwords_are_named()
    {
        await using (await data.StartAsync())
        {
        }

        File.Delete(data.File("postgres.json"));

        var e = await Assert.ThrowsAsync<EmbeddedPostgresException>(() => data.StartAsync());
        Assert.Contains("'postgres.json' is missing", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_state_file_is_no_obstacle_but_damaged_passwords_are_named()
    {
        await using (await data.StartAsync())
        {
        }

        await File.WriteAllTextAsync(data.File("postgres.state.json"), "{garbage");
        await using (await data.StartAsync())
        {
        }

        await File.WriteAllTextAsync(data.File("postgres.json"), "{garbage");
        var e = await Assert.ThrowsAsync<EmbeddedPostgresException>(() => data.StartAsync());
        Assert.Contains("is damaged", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_major_version_is_refused()
    {
        await using (await data.StartAsync())
        {
        }

        await File.WriteAllTextAsync(Path.Combine(data.Cluster, "PG_VERSION"), "14\n");

        var e = await Assert.ThrowsAsync<EmbeddedPostgresException>(() => data.StartAsync());
        Assert.Contains("was made by PostgreSQL 14", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_in_place_of_the_data_folder_is_named()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(data.Path)!);
        await File.WriteAllTextAsync(data.Path, "");

        var e = await Assert.ThrowsAsync<EmbeddedPostgresException>(() => data.StartAsync());
        Assert.Contains(data.Path, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_refuses_to_start_says_why()
    {
        await using (await data.StartAsync())
        {
        }

        await File.AppendAllTextAsync(Path.Combine(data.Cluster, "postgresql.conf"), "\nno_such_setting = 1\n");

        var e = await Assert.ThrowsAsync<EmbeddedPostgresException>(() => data.StartAsync());
        Assert.StartsWith("PostgreSQL did not start: ", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public async Task Without_npm_and_without_cache_the_message_says_what_to_do()
    {
        using var host = Host.Launch(data.Path, Variables(("PATH", WithoutNpm())));

        var outcome = await host.OutcomeAsync();

        Assert.StartsWith("failed npm, which fetches PostgreSQL 18.4, was not found on PATH", outcome, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unreachable_registry_is_named()
    {
        // Port 9 (discard): nothing listens there.
        using var host = Host.Launch(data.Path, Variables(
            ("npm_config_registry", "http://127.0.0.1:9/"), ("npm_config_cache", data.Path + "-npm"), ("npm_config_fetch_retries", "0")));

        var outcome = await host.OutcomeAsync();

        Assert.StartsWith("failed PostgreSQL 18.4 could not be fetched by npm: ", outcome, StringComparison.Ordinal);
        Assert.Contains("ECONNREFUSED", outcome, StringComparison.Ordinal);
    }

    private Dictionary<string, string?> Variables(params (string Name, string Value)[] variables)
    {
        var environment = variables.ToDictionary(v => v.Name, v => (string?)v.Value, StringComparer.Ordinal);
        environment["PLATFORM_CACHE"] = data.Path + "-cache";
        environment["PLATFORM_POSTGRES_BIN"] = "";
        return environment;
    }

    // A PATH on which everything but npm is found.
    private string WithoutNpm()
    {
        var folder = Directory.CreateDirectory(data.Path + "-path").FullName;
        foreach (var program in new[] { "setpriv", "setsid", "sh", "stat", "test", "env", "dotnet" })
        {
            var found = Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(d => Path.Combine(d, program)).FirstOrDefault(File.Exists);
            if (found is not null)
            {
                File.CreateSymbolicLink(Path.Combine(folder, program), found);
            }
        }

        return folder;
    }
}
