using System.Diagnostics;
using Npgsql;
using Platform.Embedded;

namespace Platform.Testing;

/// <summary>A primary of its own and a hot standby that streams from it.</summary>
public sealed class Standby : IAsyncDisposable
{
    private readonly string _primaryFolder;
    private readonly string _replicaFolder;

    private Standby(EmbeddedPostgres primary, EmbeddedPostgres replica, string primaryFolder, string replicaFolder)
    {
        (Primary, Replica, _primaryFolder, _replicaFolder) = (primary, replica, primaryFolder, replicaFolder);
    }

    public EmbeddedPostgres Primary { get; }
    public EmbeddedPostgres Replica { get; }

    public TestDatabase Database => new(Primary.ConnectionString, InPlatform(Primary.AdminConnectionString));

    public static async Task<Standby> StartAsync()
    {
        var (primaryFolder, replicaFolder) = (TemporaryFolder.Create(), TemporaryFolder.Create());
        var primary = await EmbeddedPostgres.StartAsync(Options(primaryFolder), CancellationToken.None);
        var home = new NpgsqlConnectionStringBuilder(primary.AdminConnectionString);

        // A base backup by hand: the copy between its start and its stop may be torn, the log mends it.
        await using (var connection = new NpgsqlConnection(primary.AdminConnectionString))
        {
            await connection.OpenAsync();
            await using var start = new NpgsqlCommand("SELECT pg_backup_start('standby', fast => true)", connection);
            await start.ExecuteNonQueryAsync();
            await CopyAsync(Path.Combine(primaryFolder, "postgres"), replicaFolder);
            await using var stop = new NpgsqlCommand("SELECT labelfile FROM pg_backup_stop(wait_for_archive => false)", connection);
            await WriteAsync(replicaFolder, "backup_label", (string)(await stop.ExecuteScalarAsync())!);
        }

        File.Delete(Path.Combine(replicaFolder, "postgres", "postmaster.pid"));
        File.Copy(Path.Combine(primaryFolder, "postgres.json"), Path.Combine(replicaFolder, "postgres.json"));
        await WriteAsync(replicaFolder, "standby.signal", "");
        await WriteAsync(replicaFolder, "postgresql.auto.conf",
            $"primary_conninfo = 'host=127.0.0.1 port={primary.Port} user=postgres password={home.Password} sslmode=disable gssencmode=disable'\nwal_retrieve_retry_interval = '100ms'\n");
        return new(primary, await EmbeddedPostgres.StartAsync(Options(replicaFolder), CancellationToken.None), primaryFolder, replicaFolder);
    }

    /// <summary>A statement on the replica, as its superuser: <c>SELECT pg_wal_replay_pause()</c>.</summary>
    public async Task OnReplicaAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(Replica.AdminConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Replica.StopAsync(immediate: true);
        await Replica.DisposeAsync();
        await Primary.StopAsync(immediate: true);
        await Primary.DisposeAsync();
        Directory.Delete(_replicaFolder, recursive: true);
        Directory.Delete(_primaryFolder, recursive: true);
    }

    private static EmbeddedPostgresOptions Options(string folder) => new() { DataDirectory = folder, RelaxedDurability = true };

    private static string InPlatform(string connectionString) => new NpgsqlConnectionStringBuilder(connectionString) { Database = "platform" }.ConnectionString;

    private static async Task CopyAsync(string from, string to)
    {
        // With owners and modes, which the server insists on; a file may go while it is copied.
        using var copy = Process.Start(new ProcessStartInfo("cp", ["-a", from, to]) { UseShellExecute = false, RedirectStandardError = true })!;
        await copy.StandardError.ReadToEndAsync();
        await copy.WaitForExitAsync();
    }

    private static async Task WriteAsync(string folder, string name, string text)
    {
        // Over a file that the server's account owns or beside one, so that it can read it.
        var path = Path.Combine(folder, "postgres", name);
        await CopyAsync(Path.Combine(folder, "postgres", "PG_VERSION"), path);
        await File.WriteAllTextAsync(path, text);
    }
}
