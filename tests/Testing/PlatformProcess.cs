using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Xunit;

namespace Platform.Testing;

/// <summary>A built executable of the product as a separate process, on a free port.</summary>
public sealed class PlatformProcess : IAsyncDisposable
{
    private readonly Process _process;
    private static readonly ConcurrentDictionary<int, bool> Given = new();
    private readonly ConcurrentQueue<string> _output = new();

    private PlatformProcess(Process process, int port)
    {
        _process = process;
        Port = port;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
    }

    public int Port { get; }
    public Uri Url => new($"http://127.0.0.1:{Port}");
    public int Id => _process.Id;
    public bool HasExited => _process.HasExited;
    public int ExitCode => _process.ExitCode;

    /// <summary>What it wrote to stdout and stderr.</summary>
    public string Output => string.Join('\n', _output);

    /// <summary>All five services in one process, with a PostgreSQL of its own under <paramref name="data"/>.</summary>
    public static PlatformProcess StartStandalone(string data, int? port = null, params (string Name, string Value)[] environment)
    {
        var chosen = port ?? FreePort();
        return Start("src/Standalone", "Platform.Standalone", chosen,
            [("PLATFORM_DATA", data), ("PLATFORM_PORT", chosen.ToString()), ("PLATFORM_GRPC_PORT", "0"), .. environment]);
    }

    /// <summary>One service on its own.</summary>
    /// <param name="project">Folder under <c>src</c>: <c>CoreApi</c>.</param>
    public static PlatformProcess StartService(string project, string connectionString, params (string Name, string Value)[] environment)
    {
        var port = FreePort();
        return Start("src/" + project, "Platform." + project, port,
            [("ConnectionStrings__platform", connectionString), ("ASPNETCORE_URLS", $"http://127.0.0.1:{port}"), .. environment]);
    }

    /// <summary>
    /// A loopback port that nobody listens on now, given out once. It lies below those that the system gives to outgoing connections: one of them would take
    /// it before the process that it is meant for.
    /// </summary>
    public static int FreePort()
    {
        while (true)
        {
            var port = Random.Shared.Next(15_000, 32_000);
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
            }
            catch (SocketException)
            {
                continue;
            }

            if (Given.TryAdd(port, true))
            {
                return port;
            }
        }
    }

    /// <summary>A client with a key, or without one.</summary>
    public HttpClient Client(string? key = null)
    {
        var client = new HttpClient { BaseAddress = Url, Timeout = TimeSpan.FromSeconds(20) };
        if (key is not null)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        return client;
    }

    /// <summary>Until <c>/health/ready</c> is 200; fails with the process's output when it ends first.</summary>
    public async Task ReadyAsync()
    {
        using var client = Client();
        await Eventually.IsTrueAsync(async () =>
        {
            Assert.False(_process.HasExited, "the process ended: " + Output);
            try
            {
                return (await client.GetAsync("/health/ready")).StatusCode == HttpStatusCode.OK;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }, "ready: " + Output, TimeSpan.FromSeconds(90));
    }

    /// <summary>SIGKILL, and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, as an orchestrator would. Returns the exit code.</summary>
    public async Task<int> TerminateAsync()
    {
        if (!_process.HasExited)
        {
            using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString()]);
            await kill.WaitForExitAsync();
        }

        return await ExitAsync();
    }

    /// <summary>Waits for its end. Returns the exit code.</summary>
    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(90));
        return _process.ExitCode;
    }

    /// <summary>Waits for its end; fails with what it wrote where it ended otherwise.</summary>
    public async Task ExitsWithAsync(int code)
    {
        var exit = await ExitAsync();
        Assert.True(exit == code, $"ended with {exit} instead of {code}: {Output}");
    }

    public async ValueTask DisposeAsync()
    {
        await TerminateAsync();
        _process.Dispose();
    }

    private static PlatformProcess Start(string folder, string assembly, int port, IEnumerable<(string Name, string Value)> environment)
    {
        var path = Path.Combine(Repository.Root, folder, "bin", Repository.Configuration, "net10.0", assembly + ".dll");
        Assert.True(File.Exists(path), path + " is not built");
        var start = new ProcessStartInfo("dotnet", [path]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Repository.Root };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var platform = new PlatformProcess(new Process { StartInfo = start }, port);
        platform._process.Start();
        platform._process.BeginOutputReadLine();
        platform._process.BeginErrorReadLine();
        return platform;
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            _output.Enqueue(line);
        }
    }
}

/// <summary>Where the tests run.</summary>
public static class Repository
{
    /// <summary>The folder with the solution.</summary>
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    /// <summary>Debug or Release, as the tests themselves were built.</summary>
    public static string Configuration { get; } = AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug";

    private static string Find(string from) =>
        File.Exists(Path.Combine(from, "Platform.sln")) ? from : Find(Path.GetDirectoryName(from) ?? throw new DirectoryNotFoundException("no Platform.sln above the tests"));
}
