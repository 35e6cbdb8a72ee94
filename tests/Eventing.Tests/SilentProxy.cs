using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Platform.Eventing.Tests;

/// <summary>Stands before a server and makes it vanish without a word: what is sent over open connections goes nowhere from then on.</summary>
internal sealed class SilentProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentBag<Way> _ways = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly NpgsqlConnectionStringBuilder _server;
    private readonly Task _accepting;

    public SilentProxy(string connectionString)
    {
        _server = new(connectionString);
        _listener.Start();
        _accepting = AcceptAsync();
        ConnectionString = new NpgsqlConnectionStringBuilder(connectionString)
        {
            Host = "127.0.0.1", Port = ((IPEndPoint)_listener.LocalEndpoint).Port,
        }.ConnectionString;
    }

    public string ConnectionString { get; }

    /// <summary>Silences every connection that is open now; new ones work.</summary>
    public void Vanish()
    {
        foreach (var way in _ways)
        {
            way.Silent = true;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _accepting;
        foreach (var way in _ways)
        {
            way.From.Dispose();
            way.To.Dispose();
        }

        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stopping.Token);
                var server = new TcpClient();
                await server.ConnectAsync(_server.Host!, _server.Port, _stopping.Token);
                _ = PumpAsync(new(client, server));
                _ = PumpAsync(new(server, client));
            }
        }
        catch (OperationCanceledException)
        {
            // Done.
        }
    }

    private async Task PumpAsync(Way way)
    {
        _ways.Add(way);
        var buffer = new byte[8192];
        try
        {
            while (await way.From.GetStream().ReadAsync(buffer, _stopping.Token) is var read and > 0)
            {
                if (!way.Silent)
                {
                    await way.To.GetStream().WriteAsync(buffer.AsMemory(0, read), _stopping.Token);
                }
            }

            if (!way.Silent)
            {
                way.To.Close();
            }
        }
        catch (Exception)
        {
            // One of the two has closed.
        }
    }

    private sealed class Way(TcpClient from, TcpClient to)
    {
        public TcpClient From => from;
        public TcpClient To => to;
        public volatile bool Silent;
    }
}
