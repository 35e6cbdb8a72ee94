using System.ComponentModel;
using System.Diagnostics;
using Platform.Embedded.Binaries;

namespace Platform.Embedded.Server;

/// <summary>A running server: one we started, or one that we found.</summary>
internal sealed class ServerProcess
{
    private static readonly TimeSpan FastLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ImmediateLimit = TimeSpan.FromSeconds(5);

    private readonly ServerHome home;
    private readonly Process? child;

    public ServerProcess(ServerHome home, int id, int port, Process? child = null)
    {
        this.home = home;
        this.child = child;
        Id = id;
        Port = port;
    }

    public int Id { get; }

    public int Port { get; }

    public async Task WaitForExitAsync(CancellationToken ct)
    {
        if (child is not null)
        {
            await child.WaitForExitAsync(ct);
            return;
        }

        while (Processes.IsAlive(Id))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(500), ct);
        }
    }

    /// <summary>
    /// Fast: sessions are ended, everything is written. Immediate: as if it crashed, but orderly. Each step that does not work in
    /// time is followed by the harder one.
    /// </summary>
    public async Task StopAsync(bool immediate, CancellationToken ct)
    {
        if (!IsRunning)
        {
            return;
        }

        if (!immediate)
        {
            await SignalAsync(Posix.Interrupt, "fast", ct);
            if (await Processes.WaitForEndAsync(Id, FastLimit, ct))
            {
                return;
            }
        }

        await SignalAsync(Posix.Quit, "immediate", ct);
        if (!await Processes.WaitForEndAsync(Id, ImmediateLimit, ct))
        {
            Kill();
            await Processes.WaitForEndAsync(Id, ImmediateLimit, ct);
        }
    }

    // A signal must not reach a stranger who was given the number of a server that has ended.
    private bool IsRunning => child is not null
        ? !child.HasExited
        : PostmasterFile.Read(home.Cluster) is { } file && file.ProcessId == Id && file.IsServerOf(home.Cluster);

    private async Task SignalAsync(int signal, string mode, CancellationToken ct)
    {
        if (OperatingSystem.IsWindows())
        {
            await Command.RunAsync([home.Binaries.PgCtl, "stop", "-D", home.Cluster, "-m", mode, "-W"], ct);
        }
        else
        {
            Posix.Signal(Id, signal);
        }
    }

    private void Kill()
    {
        try
        {
            using var process = Process.GetProcessById(Id);
            process.Kill();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
        {
            // Gone in between.
        }
    }
}

/// <summary>What it takes to run the server of one data folder.</summary>
internal sealed record ServerHome(
    string DataDirectory, string Cluster, ServerAccount Account, PostgresBinaries Binaries, IReadOnlyList<string> Settings, Action<string>? Announce)
{
    public string LogPath => Path.Combine(DataDirectory, "postgres.log");
}
