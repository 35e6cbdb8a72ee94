using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Platform.Testing;

/// <summary>A redis-server of its own on a free port, in memory only; can be killed and started again.</summary>
public sealed class TestRedis : IAsyncDisposable
{
    private readonly int _port;
    private Process? _process;

    private TestRedis(int port) => _port = port;

    /// <summary>As <c>ConnectionStrings:redis</c> takes it.</summary>
    public string ConnectionString => $"127.0.0.1:{_port}";

    public static async Task<TestRedis> StartAsync()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var redis = new TestRedis(((IPEndPoint)listener.LocalEndpoint).Port);
        listener.Stop();
        await redis.StartAgainAsync();
        return redis;
    }

    /// <summary>Empty, on the same port.</summary>
    public async Task StartAgainAsync()
    {
        _process = Process.Start(new ProcessStartInfo("redis-server",
            ["--port", _port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", Path.GetTempPath()])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        _process.OutputDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        await Eventually.IsTrueAsync(AnswersAsync, "redis-server answers");
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        if (_process is { HasExited: false } process)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process?.Dispose();
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, _port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
