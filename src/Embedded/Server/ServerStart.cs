using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Platform.Embedded.Server;

/// <summary>Starts the server in a session of its own and waits until it accepts connections.</summary>
internal static class ServerStart
{
    private const int Attempts = 20;

    /// <param name="home">Which server.</param>
    /// <param name="port">The port it should have; 0 for any.</param>
    /// <param name="keepPort">Wait for the port instead of taking another one.</param>
    /// <param name="ct">Ends the wait, and with it the server.</param>
    public static async Task<ServerProcess> RunAsync(ServerHome home, int port, bool keepPort, CancellationToken ct)
    {
        var reason = "";
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            port = port != 0 && (keepPort || IsFree(port)) ? port : FreePort();
            var log = new ServerLog(home.LogPath);
            PostmasterFile.DisownIfDead(home.Cluster);
            if (await TryAsync(home, port, log, ct) is { } server)
            {
                return server;
            }

            reason = log.Reason();
            if (log.Mentions("Address already in use") || log.Mentions("could not create any TCP/IP sockets"))
            {
                port = keepPort ? port : 0;
            }
            else if (!log.Mentions("still in use") && !log.Mentions("already exists"))
            {
                break;
            }

            // "lock file already exists", "pre-existing shared memory block is still in use": a killed server, or the last of its
            // children, is about to be gone.
            await Task.Delay(TimeSpan.FromMilliseconds(250), ct);
        }

        throw new EmbeddedPostgresException($"PostgreSQL did not start: {reason} (see '{home.LogPath}')");
    }

    private static async Task<ServerProcess?> TryAsync(ServerHome home, int port, ServerLog log, CancellationToken ct)
    {
        List<string> server = [home.Binaries.Postgres, "-D", home.Cluster];
        server.AddRange(home.Settings.Append($"port={port}").SelectMany(s => new[] { "-c", s }));

        var before = PostmasterFile.Read(home.Cluster)?.ProcessId;
        if (!OperatingSystem.IsLinux())
        {
            return await ThroughPgCtlAsync(home, port, before, ct);
        }

        // exec all the way, so that our child is the server. A session of its own: Ctrl-C reaches us, not it. The log is opened
        // before the account is dropped, and is a file, not a pipe of ours, so that it outlives us.
        const string script = """log=$1; shift; umask 077; exec setsid "$@" >>"$log" 2>&1 </dev/null""";
        var child = Command.StartDetached(["/bin/sh", "-c", script, "sh", log.Path, .. home.Account.Wrap(server)]);
        try
        {
            return await WaitUntilReadyAsync(home, f => f.ProcessId == child.Id, () => child.HasExited, ct) is { } ready
                ? new ServerProcess(home, ready.ProcessId, port, child)
                : null;
        }
        catch
        {
            // Before the number could belong to somebody else, and so that the next attempt meets an idle cluster.
            await new ServerProcess(home, child.Id, port, child).StopAsync(immediate: true, CancellationToken.None);
            throw;
        }
    }

    // pg_ctl does what setsid and setpriv do on Linux: a session of its own, and a restricted token on Windows.
    private static async Task<ServerProcess?> ThroughPgCtlAsync(ServerHome home, int port, int? before, CancellationToken ct)
    {
        var settings = string.Join(' ', home.Settings.Append($"port={port}").Select(s => $"-c \"{s}\""));
        await Command.RunAsync(
            [home.Binaries.PgCtl, "start", "-W", "-s", "-D", home.Cluster, "-l", home.LogPath, "-o", settings], ct);
        var started = Stopwatch.GetTimestamp();
        var ready = await WaitUntilReadyAsync(
            home,
            f => f.ProcessId != before,
            // It is not our child: it has ended when, some time after the start, no living process is named in its file.
            () => Stopwatch.GetElapsedTime(started) > TimeSpan.FromSeconds(5)
                && !(PostmasterFile.Read(home.Cluster) is { } f && Processes.IsAlive(f.ProcessId)),
            ct);
        return ready is null ? null : new ServerProcess(home, ready.ProcessId, port);
    }

    /// <summary>Null when the server has ended instead. There is no time limit: a recovery takes as long as it takes.</summary>
    public static async Task<PostmasterFile?> WaitUntilReadyAsync(
        ServerHome home, Func<PostmasterFile, bool> isIt, Func<bool> hasEnded, CancellationToken ct)
    {
        var started = Stopwatch.GetTimestamp();
        var announced = false;
        while (true)
        {
            if (PostmasterFile.Read(home.Cluster) is { IsReady: true } file && isIt(file))
            {
                return file;
            }

            if (hasEnded())
            {
                return null;
            }

            if (!announced && Stopwatch.GetElapsedTime(started) > TimeSpan.FromSeconds(3))
            {
                announced = true;
                home.Announce?.Invoke("PostgreSQL is recovering from a crash ...");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5), ct);
        }
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var probe = new TcpListener(IPAddress.Loopback, port);
            probe.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
