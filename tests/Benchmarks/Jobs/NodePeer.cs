using System.Diagnostics;
using System.Text.Json;
using Npgsql;

namespace Platform.Benchmarks.Jobs;

/// <summary>Job systems from npm, on the Node.js that they ask for, in a folder of the build output.</summary>
internal sealed class NodePeer
{
    private readonly string _folder = Path.Combine(AppContext.BaseDirectory, "Jobs", "peers");

    private NodePeer()
    {
    }

    public static async Task<NodePeer> InstallAsync()
    {
        var peer = new NodePeer();
        if (!Directory.Exists(Path.Combine(peer._folder, "node_modules")))
        {
            await RunAsync("npm", ["install", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"], peer._folder);
        }

        return peer;
    }

    /// <summary>A database of the server, as Node's clients take it.</summary>
    public static string Url(string connectionString, string database)
    {
        var server = new NpgsqlConnectionStringBuilder(connectionString);
        return $"postgres://{Uri.EscapeDataString(server.Username!)}:{Uri.EscapeDataString(server.Password ?? "")}@{server.Host}:{server.Port}/{database}";
    }

    public async Task<JobFigures> RunAsync(string engine, string connection, int jobs, int pickups)
    {
        var output = await RunAsync(Path.Combine(_folder, "node_modules", ".bin", "node"), ["peer.mjs", engine, connection, $"{jobs}", $"{pickups}"], _folder);
        var figures = output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1];
        return JsonSerializer.Deserialize<JobFigures>(figures, JsonSerializerOptions.Web)!;
    }

    private static async Task<string> RunAsync(string program, string[] arguments, string folder)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {await errors}");
    }
}
