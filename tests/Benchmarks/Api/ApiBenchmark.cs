using Platform.Benchmarks.Environment;
using Platform.Benchmarks.Load;
using Platform.Benchmarks.Paths;
using Platform.Embedded;

namespace Platform.Benchmarks.Api;

/// <summary>The Core API by itself, path by path, each against its floor. Prints one table.</summary>
internal static class ApiBenchmark
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(10);

    /// <param name="only">One part; null for all.</param>
    public static async Task<int> RunAsync(string? only)
    {
        var table = new ResultTable();
        var data = Directory.CreateTempSubdirectory("platform-bench-").FullName;
        if (!OperatingSystem.IsWindows())
        {
            // As root, PostgreSQL runs under another account, which must get through.
            File.SetUnixFileMode(data, File.GetUnixFileMode(data) | UnixFileMode.OtherExecute | UnixFileMode.GroupExecute);
        }

        try
        {
            await MeasureAsync(data, only, table);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }

        Console.WriteLine(table);
        return 0;
    }

    private static async Task MeasureAsync(string data, string? only, ResultTable table)
    {
        await using var postgres = await EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions { DataDirectory = data }, CancellationToken.None);
        var key = await FirstKeyAsync(postgres.ConnectionString, data);
        var port = ChildProcess.FreePort();
        await using var core = ChildProcess.Start(Path.Combine(AppContext.BaseDirectory, "Platform.CoreApi.dll"), [],
            ("ConnectionStrings__platform", postgres.ConnectionString), ("ASPNETCORE_URLS", $"http://127.0.0.1:{port}"));
        await core.AnswersAsync(port, "/health/ready");
        await ClosedLoop.RunAsync(port, Rounds.Clients, WarmUp, (c, n) => Requests.Create(key, $"warm-{c}-{n}"), 201);
        if (only is null or "writes")
        {
            await WritePath.MeasureAsync("POST /v1/resources", port, key, postgres.ConnectionString, ["core"], await PgBench.FindAsync(postgres.ConnectionString), table);
            await WritePath.ReplayAsync(port, key, table);
        }

        if (only is null or "reads")
        {
            await ReadPath.MeasureAsync(port, key, table);
        }
    }

    /// <summary>The whole platform starts once, which makes the first key.</summary>
    private static async Task<string> FirstKeyAsync(string database, string data)
    {
        var port = ChildProcess.FreePort();
        await using var platform = ChildProcess.Start(Path.Combine(AppContext.BaseDirectory, "Platform.Standalone.dll"), [],
            ("PLATFORM_DATA", data), ("PLATFORM_PORT", port.ToString()), ("ConnectionStrings__platform", database));
        await platform.AnswersAsync(port, "/health/ready");
        return (await File.ReadAllTextAsync(Path.Combine(data, "api-key"))).Trim();
    }
}
