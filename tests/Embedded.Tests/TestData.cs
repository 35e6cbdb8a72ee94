using System.Diagnostics;
using Npgsql;
using Platform.Embedded.Server;

namespace Platform.Embedded.Tests;

/// <summary>A data folder of one test; whatever still runs in it at the end is killed.</summary>
public sealed class TestData : IDisposable
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    public TestData()
    {
        var folder = Directory.CreateTempSubdirectory("platform-embedded-").FullName;
        // It is created for us alone, but as root the server runs under another account.
        System.IO.File.SetUnixFileMode(folder, System.IO.File.GetUnixFileMode(folder) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        Path = folder + "/data";
    }

    public string Path { get; }

    public string Cluster => System.IO.Path.Combine(Path, "postgres");

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public EmbeddedPostgresOptions Options(int maxConnections = 20) =>
        new() { DataDirectory = Path, RelaxedDurability = true, MaxConnections = maxConnections };

    public async Task<EmbeddedPostgres> StartAsync() => await EmbeddedPostgres.StartAsync(Options(), CancellationToken.None).WaitAsync(Deadline);

    public static async Task<T> QueryAsync<T>(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync().WaitAsync(Deadline);
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync().WaitAsync(Deadline))!;
    }

    public static async Task ExecuteAsync(string connectionString, string sql) =>
        await QueryAsync<object>(connectionString, sql + "; select 1");

    public static async Task EventuallyAsync(Func<Task<bool>> condition, string what)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Deadline, $"not in time: {what}");
            await Task.Delay(20);
        }
    }

    public static Task EventuallyAsync(Func<bool> condition, string what) => EventuallyAsync(() => Task.FromResult(condition()), what);

    /// <summary>Every process with this data folder in its command line: the server as well as a forgotten initdb.</summary>
    public int[] Processes() =>
        [.. Directory.GetDirectories("/proc").Select(System.IO.Path.GetFileName).Where(n => int.TryParse(n, out _)).Select(n => int.Parse(n!))
            .Where(id => Server.Processes.IsAlive(id) && Server.Processes.CommandLine(id).Any(a => a.StartsWith(Cluster, StringComparison.Ordinal)))];

    public void Dispose()
    {
        foreach (var id in Processes())
        {
            Posix.Signal(id, Posix.Kill);
        }

        SpinWait.SpinUntil(() => Processes().Length == 0, TimeSpan.FromSeconds(5));
        Folders.TryDelete(System.IO.Path.GetDirectoryName(Path)!);
    }
}
