namespace Platform.Embedded.Tests;

public sealed class CrashTests : IDisposable
{
    private readonly TestData data = new();

    public void Dispose() => data.Dispose();

    [Fact]
    public async Task The_server_of_a_killed_platform_is_adopted_and_stopped_by_the_next()
    {
        using var first = Host.Launch(data.Path);
        var (server, port, connectionString) = await first.ReadyAsync();
        await TestData.ExecuteAsync(connectionString, "create table note(text text); insert into note values ('kept')");
        await first.KillAsync();

        using var second = Host.Launch(data.Path);
        var adopted = await second.ReadyAsync();
        Assert.Equal((server, port), (adopted.ServerId, adopted.Port));
        Assert.Equal("kept", await TestData.QueryAsync<string>(adopted.ConnectionString, "select text from note"));

        Assert.Equal(0, await second.EndAsync());
        Assert.Empty(data.Processes());
    }

    [Fact]
    public async Task An_adopted_server_with_other_settings_is_started_anew()
    {
        using var first = Host.Launch(data.Path);
        var (server, _, _) = await first.ReadyAsync();
        await first.KillAsync();

        await using var postgres = await EmbeddedPostgres.StartAsync(data.Options(maxConnections: 33), CancellationToken.None);

        Assert.NotEqual(server, postgres.ProcessId);
        Assert.Equal("33", await TestData.QueryAsync<string>(postgres.ConnectionString, "show max_connections"));
    }

    [Fact]
    public async Task When_both_were_killed_the_next_start_recovers()
    {
        using var host = Host.Launch(data.Path);
        var (server, _, connectionString) = await host.ReadyAsync();
        await TestData.ExecuteAsync(connectionString, "create table note(text text); insert into note values ('kept')");
        await host.KillAsync();
        Posix.Signal(server, Posix.Kill);

        await using var postgres = await data.StartAsync();

        Assert.NotEqual(server, postgres.ProcessId);
        Assert.Equal("kept", await TestData.QueryAsync<string>(postgres.ConnectionString, "select text from note"));
    }

    [Fact]
    public async Task A_stranger_with_the_dead_servers_number_is_left_alone()
    {
        await using (await data.StartAsync())
        {
        }

        // This very process plays the stranger: alive, and no server.
        await File.WriteAllTextAsync(
            Path.Combine(data.Cluster, "postmaster.pid"),
            $"{Environment.ProcessId}\n{data.Cluster}\n1\n5432\n\n127.0.0.1\n  123 456\nready   \n");

        await using var postgres = await data.StartAsync();

        Assert.Equal(1, await TestData.QueryAsync<int>(postgres.ConnectionString, "select 1"));
    }

    [Fact]
    public async Task A_server_that_is_killed_under_a_living_platform_comes_back_on_its_port()
    {
        await using var postgres = await data.StartAsync();
        await TestData.ExecuteAsync(postgres.ConnectionString, "create table note(text text); insert into note values ('kept')");
        var killed = postgres.ProcessId;

        Posix.Signal(killed, Posix.Kill);
        await TestData.EventuallyAsync(() => postgres.ProcessId != killed, "the server comes back");

        Assert.Equal("kept", await TestData.QueryAsync<string>(postgres.ConnectionString, "select text from note"));
        await postgres.DisposeAsync();
        Assert.Empty(data.Processes());
    }

    [Fact]
    public async Task A_second_instance_is_refused_by_name_of_the_first()
    {
        using var first = Host.Launch(data.Path);
        await first.ReadyAsync();

        var refused = await Assert.ThrowsAsync<EmbeddedPostgresException>(() => data.StartAsync());
        Assert.Equal($"data folder '{data.Path}' is in use by process {first.Id}", refused.Message);

        Assert.Equal(0, await first.EndAsync());
        await using var afterwards = await data.StartAsync();
    }

    [Fact]
    public async Task A_first_start_that_is_killed_in_the_middle_poisons_nothing()
    {
        // Killed at different depths: before, during and after initdb.
        foreach (var sign in new Func<bool>[]
        {
            () => File.Exists(data.File("postgres.json")),
            () => Directory.GetDirectories(data.Path, "postgres.init-*").Any(d => Directory.Exists(d + "/cluster/base")),
            () => Directory.Exists(data.Cluster),
        })
        {
            using var host = Host.Launch(data.Path);
            await TestData.EventuallyAsync(sign, "the first start gets there");
            await host.KillAsync();
        }

        await using var postgres = await data.StartAsync();

        Assert.Equal(2L, await TestData.QueryAsync<long>(postgres.ConnectionString, "select count(*) from pg_extension where extname in ('pg_trgm', 'btree_gin')"));
        await postgres.DisposeAsync();
        await TestData.EventuallyAsync(() => data.Processes().Length == 0, "nothing runs");
    }

    [Fact]
    public async Task A_lock_that_outlives_its_killed_owner_for_a_moment_is_waited_for()
    {
        using var owner = Host.Launch(data.Path);
        await TestData.EventuallyAsync(() => File.Exists(data.File("instance.pid")), "the owner has the lock");
        await owner.KillAsync();
        FileStream? child = null;
        await TestData.EventuallyAsync(() => (child = TryLock()) is not null, "the lock is free");

        var taking = Task.Run(() => InstanceLock.Take(data.Path));
        Assert.NotEqual(taking, await Task.WhenAny(taking, Task.Delay(TimeSpan.FromMilliseconds(100))));
        await child!.DisposeAsync();
        (await taking.WaitAsync(TestData.Deadline)).Dispose();

        FileStream? TryLock()
        {
            try
            {
                return new(data.File("instance.lock"), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                return null;
            }
        }
    }

    [Fact]
    public async Task Ctrl_C_does_not_reach_the_server()
    {
        await using var postgres = await data.StartAsync();

        // Sixth field of stat: the session. Ctrl-C goes to the foreground process group of ours.
        static string Session(int id)
        {
            var stat = File.ReadAllText($"/proc/{id}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[3];
        }

        Assert.Equal(postgres.ProcessId.ToString(), Session(postgres.ProcessId));
        Assert.NotEqual(Session(Environment.ProcessId), Session(postgres.ProcessId));
    }

    [Fact]
    public async Task A_cancelled_start_leaves_neither_process_nor_lock()
    {
        using var cancelled = new CancellationTokenSource();
        var options = new EmbeddedPostgresOptions { DataDirectory = data.Path, RelaxedDurability = true, Announce = _ => cancelled.Cancel() };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => EmbeddedPostgres.StartAsync(options, cancelled.Token));

        await TestData.EventuallyAsync(() => data.Processes().Length == 0, "nothing runs");
        await using var afterwards = await data.StartAsync();
    }
}
