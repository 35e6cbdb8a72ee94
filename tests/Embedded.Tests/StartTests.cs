using Npgsql;

namespace Platform.Embedded.Tests;

public sealed class StartTests : IDisposable
{
    private readonly TestData data = new();

    public void Dispose() => data.Dispose();

    [Fact]
    public async Task What_was_committed_is_there_after_the_second_start()
    {
        await using (var first = await data.StartAsync())
        {
            await TestData.ExecuteAsync(first.ConnectionString, "create table note(text text); insert into note values ('kept')");
        }

        await using var second = await data.StartAsync();

        Assert.Equal("kept", await TestData.QueryAsync<string>(second.ConnectionString, "select text from note"));
    }

    [Fact]
    public async Task Dispose_leaves_no_process()
    {
        var postgres = await data.StartAsync();
        var server = postgres.ProcessId;
        Assert.Contains(server, data.Processes());

        await postgres.DisposeAsync();

        Assert.Empty(data.Processes());
        Assert.False(Server.Processes.IsAlive(server));
        await postgres.DisposeAsync();
    }

    [Fact]
    public async Task The_platform_role_is_no_superuser_and_row_level_security_binds_it()
    {
        await using var postgres = await data.StartAsync();

        Assert.Equal("platform/platform/false/false/true", await TestData.QueryAsync<string>(postgres.ConnectionString, """
            select concat_ws('/', current_user, pg_get_userbyid(datdba), rolsuper::text, rolbypassrls::text, rolcreatedb::text)
            from pg_roles, pg_database where rolname = current_user and datname = current_database()
            """));
        await TestData.ExecuteAsync(postgres.ConnectionString, """
            create table secret(tenant text); insert into secret values ('a');
            alter table secret enable row level security; alter table secret force row level security;
            create policy own on secret using (tenant = current_setting('app.tenant', true))
            """);
        Assert.Equal(0L, await TestData.QueryAsync<long>(postgres.ConnectionString, "select count(*) from secret"));
        await Assert.ThrowsAsync<PostgresException>(() => TestData.ExecuteAsync(postgres.ConnectionString, "copy secret to program 'true'"));
    }

    [Fact]
    public async Task The_extensions_are_there_and_databases_can_be_made_from_the_template()
    {
        await using var postgres = await data.StartAsync();

        await TestData.ExecuteAsync(postgres.ConnectionString.Replace("Database=platform", "Database=postgres", StringComparison.Ordinal), "select 1");
        await using (var connection = new NpgsqlConnection(postgres.AdminConnectionString))
        {
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand("create database copy template platform owner platform", connection);
            await command.ExecuteNonQueryAsync();
        }

        var copy = postgres.ConnectionString.Replace("Database=platform", "Database=copy", StringComparison.Ordinal);
        Assert.Equal(2L, await TestData.QueryAsync<long>(copy, "select count(*) from pg_extension where extname in ('pg_trgm', 'btree_gin')"));
    }

    [Fact]
    public async Task A_wrong_password_is_refused()
    {
        await using var postgres = await data.StartAsync();
        var wrong = new NpgsqlConnectionStringBuilder(postgres.ConnectionString) { Password = "guess" }.ConnectionString;

        var refused = await Assert.ThrowsAsync<PostgresException>(() => TestData.ExecuteAsync(wrong, "select 1"));

        Assert.Equal(PostgresErrorCodes.InvalidPassword, refused.SqlState);
    }

    [Fact]
    public async Task Durability_is_on_unless_a_test_turns_it_off()
    {
        await using var postgres = await EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions { DataDirectory = data.Path }, CancellationToken.None);

        Assert.Equal("on on on 200", await TestData.QueryAsync<string>(postgres.ConnectionString,
            "select concat_ws(' ', current_setting('fsync'), current_setting('synchronous_commit'), current_setting('full_page_writes'), current_setting('max_connections'))"));
    }

    [Fact]
    public async Task The_secrets_are_readable_by_the_owner_alone_and_the_server_listens_on_loopback_alone()
    {
        await using var postgres = await data.StartAsync();

        const UnixFileMode ownerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.Equal(ownerOnly, File.GetUnixFileMode(data.File("postgres.json")));
        Assert.Equal(ownerOnly, File.GetUnixFileMode(data.File("postgres.log")));
        Assert.Equal("127.0.0.1/", await TestData.QueryAsync<string>(postgres.AdminConnectionString,
            "select current_setting('listen_addresses') || '/' || current_setting('unix_socket_directories')"));
    }

    [Fact]
    public async Task Unique_violations_do_not_reach_the_log()
    {
        await using var postgres = await data.StartAsync();
        await TestData.ExecuteAsync(postgres.ConnectionString, "create table once(id int primary key); insert into once values (1)");

        await Assert.ThrowsAsync<PostgresException>(() => TestData.ExecuteAsync(postgres.ConnectionString, "insert into once values (1)"));
        await postgres.StopAsync();

        var log = await File.ReadAllTextAsync(data.File("postgres.log"));
        Assert.Contains("ready to accept connections", log, StringComparison.Ordinal);
        Assert.DoesNotContain("duplicate key", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_taken_port_is_given_up_for_another()
    {
        int port;
        await using (var first = await data.StartAsync())
        {
            port = first.Port;
        }

        using var thief = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, port);
        thief.Start();
        await using var second = await data.StartAsync();

        Assert.NotEqual(port, second.Port);
        Assert.Equal(1, await TestData.QueryAsync<int>(second.ConnectionString, "select 1"));
    }

    [Fact]
    public async Task Stop_and_restart_keep_the_port_and_the_data_folder()
    {
        await using var postgres = await data.StartAsync();
        var port = postgres.Port;
        var first = postgres.ProcessId;

        await postgres.StopAsync(immediate: true);
        Assert.Empty(data.Processes());
        await Assert.ThrowsAsync<EmbeddedPostgresException>(() => data.StartAsync());
        await postgres.RestartAsync(immediate: false, CancellationToken.None);
        await postgres.RestartAsync(immediate: true, CancellationToken.None);

        Assert.Equal(port, postgres.Port);
        Assert.NotEqual(first, postgres.ProcessId);
        Assert.Equal(1, await TestData.QueryAsync<int>(postgres.ConnectionString, "select 1"));
    }
}
