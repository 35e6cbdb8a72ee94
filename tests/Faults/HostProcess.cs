using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Platform.Testing;

namespace Platform.Faults;

/// <summary>One instance of the service under fault.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private HostProcess(string instance, ProcessStartInfo start)
    {
        Instance = instance;
        _process = new() { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
    }

    /// <summary>Its name in owner columns.</summary>
    public string Instance { get; }

    /// <summary>Its last warnings.</summary>
    public string Output => $"{Instance}: {string.Join("\n  ", _output.TakeLast(8))}";

    /// <summary>It ended by itself, or was ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Its lines so far.</summary>
    public IEnumerable<string> Lines => _output;

    public bool IsReady => _ready.Task.IsCompleted;

    /// <summary>Starts it without waiting.</summary>
    /// <param name="role"><c>relay</c>, <c>consumer</c> or <c>both</c>; <c>worker</c> for jobs.</param>
    public static HostProcess Start(string role, string instance, IReadOnlyDictionary<string, string?> settings)
    {
        var path = Path.Combine(Repository.Root, "tests/Faults.Host/bin", Repository.Configuration, "net10.0", "Platform.Faults.Host.dll");
        var start = new ProcessStartInfo("dotnet", [path, role, instance]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in settings)
        {
            start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        var host = new HostProcess(instance, start);
        host._process.Start();
        host._process.BeginOutputReadLine();
        host._process.BeginErrorReadLine();
        return host;
    }

    public async Task ReadyAsync()
    {
        var ended = _process.WaitForExitAsync();
        var first = await Task.WhenAny(_ready.Task, ended).WaitAsync(TimeSpan.FromSeconds(60));
        Assert.True(first != ended, "ended before it was ready: " + Output);
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }
    }

    /// <summary>SIGTERM; it ends by itself.</summary>
    public async Task TerminateAsync()
    {
        await SignalAsync("TERM");
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.True(_process.ExitCode == 0, "ended with " + _process.ExitCode + ": " + Output);
    }

    /// <summary>SIGSTOP: it stands still and keeps what it has.</summary>
    public Task FreezeAsync() => SignalAsync("STOP");

    /// <summary>SIGCONT.</summary>
    public Task ContinueAsync() => SignalAsync("CONT");

    /// <summary>The local ports of its TCP connections, by which the server knows its sessions.</summary>
    public int[] Ports()
    {
        var sockets = Directory.EnumerateFiles($"/proc/{_process.Id}/fd").Select(f => new FileInfo(f).LinkTarget)
            .OfType<string>().Where(t => t.StartsWith("socket:[", StringComparison.Ordinal)).Select(t => t[8..^1]).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. new[] { "tcp", "tcp6" }.SelectMany(f => File.ReadLines($"/proc/{_process.Id}/net/{f}").Skip(1))
                .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(fields => sockets.Contains(fields[9]))
                .Select(fields => int.Parse(fields[1].Split(':')[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture)),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", ["-" + signal, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    private void Keep(string? line)
    {
        if (line == "ready")
        {
            _ready.TrySetResult();
        }
        else if (line is not null)
        {
            _output.Enqueue(line);
        }
    }
}
