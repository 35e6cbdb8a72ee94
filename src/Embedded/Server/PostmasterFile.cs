using System.Diagnostics;
using System.Globalization;

namespace Platform.Embedded.Server;

/// <summary>
/// <c>postmaster.pid</c>: written by the server itself. Lines: process id, data folder, start time, port, socket folder, listen
/// address, shared memory key, status (<c>starting</c>, <c>ready</c>, <c>stopping</c>).
/// </summary>
internal sealed record PostmasterFile(int ProcessId, int Port, string Status)
{
    // Larger than any process id the kernel gives out.
    private const string NoProcess = "2147483646";

    public bool IsReady => Status == "ready";

    public bool IsStopping => Status == "stopping";

    public static PostmasterFile? Read(string cluster)
    {
        try
        {
            using var reader = new StreamReader(
                new FileStream(PathIn(cluster), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
            var lines = reader.ReadToEnd().Split('\n');
            // Half a file is a server that is just writing it.
            return lines.Length > 0 && int.TryParse(lines[0], CultureInfo.InvariantCulture, out var id)
                ? new PostmasterFile(
                    id,
                    lines.Length > 3 && int.TryParse(lines[3], CultureInfo.InvariantCulture, out var port) ? port : 0,
                    lines.Length > 7 ? lines[7].Trim() : "starting")
                : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Whether that process lives and is the server of this cluster, not a stranger who got its number.</summary>
    public bool IsServerOf(string cluster)
    {
        if (!Processes.IsAlive(ProcessId))
        {
            return false;
        }

        if (OperatingSystem.IsLinux())
        {
            var arguments = Processes.CommandLine(ProcessId);
            var folder = Array.IndexOf(arguments, "-D");
            return folder > 0 && folder + 1 < arguments.Length && arguments[folder + 1] == cluster;
        }

        using var process = Process.GetProcessById(ProcessId);
        return process.ProcessName.StartsWith("postgres", StringComparison.Ordinal);
    }

    /// <summary>
    /// PostgreSQL clears a dead server's file away itself, but refuses when its number is still taken: by a stranger, or by the
    /// dead server itself where nobody waits for orphans (a container without an init). Only the number is replaced: by the shared
    /// memory key that stays, PostgreSQL makes sure that no orphan of the dead server still writes.
    /// </summary>
    public static void DisownIfDead(string cluster)
    {
        if (OperatingSystem.IsWindows() || Read(cluster) is not { } file || file.IsServerOf(cluster) || !Posix.Exists(file.ProcessId))
        {
            return;
        }

        var lines = File.ReadAllLines(PathIn(cluster));
        lines[0] = NoProcess;
        File.WriteAllText(PathIn(cluster), string.Join('\n', lines) + "\n");
    }

    private static string PathIn(string cluster) => Path.Combine(cluster, "postmaster.pid");
}
