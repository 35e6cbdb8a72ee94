using Npgsql;
using Platform.Embedded;

namespace Platform.Testing;

/// <summary>
/// One real PostgreSQL for a test process, started at first use and stopped with it; a database for each test class, copied
/// from a template.
/// </summary>
public static class TestPostgres
{
    private static readonly Lazy<Task<EmbeddedPostgres>> Shared = new(StartAsync);
    private static readonly SemaphoreSlim Creating = new(1, 1);
    private static int _databases;

    /// <summary>The server. Do not stop or restart it in a test that runs beside others: start one of your own.</summary>
    public static Task<EmbeddedPostgres> ServerAsync() => Shared.Value;

    /// <summary>A new database, empty but for extensions.</summary>
    public static async Task<TestDatabase> CreateDatabaseAsync()
    {
        var server = await ServerAsync();
        var name = $"test_{Interlocked.Increment(ref _databases)}";
        await Creating.WaitAsync();
        try
        {
            await using var connection = new NpgsqlConnection(server.AdminConnectionString + ";Pooling=false");
            await connection.OpenAsync();
            await using var create = new NpgsqlCommand($"CREATE DATABASE {name} TEMPLATE platform OWNER platform", connection);
            await create.ExecuteNonQueryAsync();
        }
        finally
        {
            Creating.Release();
        }

        return new(
            new NpgsqlConnectionStringBuilder(server.ConnectionString) { Database = name }.ConnectionString,
            new NpgsqlConnectionStringBuilder(server.AdminConnectionString) { Database = name }.ConnectionString);
    }

    private static async Task<EmbeddedPostgres> StartAsync()
    {
        TemporaryFolder.Sweep();
        var data = TemporaryFolder.Create();
        var server = await EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { DataDirectory = data, RelaxedDurability = true, MaxConnections = 400 }, CancellationToken.None);
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            server.StopAsync(immediate: true).GetAwaiter().GetResult();
            Directory.Delete(data, recursive: true);
        };
        return server;
    }
}

/// <param name="ConnectionString">As the platform connects: the owner, no superuser.</param>
/// <param name="AdminConnectionString">The superuser, for looking behind row-level security.</param>
public sealed record TestDatabase(string ConnectionString, string AdminConnectionString)
{
    /// <summary>One value, as the superuser.</summary>
    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var connection = new NpgsqlConnection(AdminConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Statements, as the superuser.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(AdminConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}

/// <summary>A folder that another account can traverse: as root, PostgreSQL runs under one. It goes when it is disposed.</summary>
public sealed class TemporaryFolder : IDisposable
{
    private const string Prefix = "platform-test-";

    public string Path { get; } = Create();

    /// <summary>Deletes what test processes left behind that were ended before they could: no run takes three hours.</summary>
    public static void Sweep()
    {
        foreach (var folder in Directory.EnumerateDirectories(System.IO.Path.GetTempPath(), Prefix + "*"))
        {
            try
            {
                if (Directory.GetCreationTimeUtc(folder) < TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-3))
                {
                    Directory.Delete(folder, recursive: true);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Another process was first, or it is another account's.
            }
        }
    }

    public static string Create()
    {
        var folder = Directory.CreateTempSubdirectory(Prefix).FullName;
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(folder, File.GetUnixFileMode(folder) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        }

        return folder;
    }

    public void Dispose()
    {
        for (var patience = 100; ; patience--)
        {
            try
            {
                Directory.Delete(Path, recursive: true);
                return;
            }
            catch (IOException) when (patience > 0)
            {
                // A server that is about to end still writes.
                Task.Delay(100).Wait();
            }
        }
    }
}
