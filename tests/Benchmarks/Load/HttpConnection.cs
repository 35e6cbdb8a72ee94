using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;

namespace Platform.Benchmarks.Load;

/// <summary>
/// One keep-alive HTTP/1.1 connection that costs next to nothing: on two cores the client's work is taken from the server's. It
/// reads the status and <c>Content-Length</c>, and no more.
/// </summary>
internal sealed class HttpConnection : IDisposable
{
    private readonly Socket _socket;
    private byte[] _buffer = new byte[64 * 1024];
    private int _filled;

    private HttpConnection(Socket socket) => _socket = socket;

    /// <summary>The last answer's body, valid until the next request.</summary>
    public ReadOnlyMemory<byte> Body { get; private set; }

    public static async Task<HttpConnection> OpenAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        return new(socket);
    }

    /// <summary>Sends a whole request and reads the whole answer. Returns its status.</summary>
    /// <exception cref="IOException">The peer closed the connection.</exception>
    public async ValueTask<int> SendAsync(ReadOnlyMemory<byte> request)
    {
        await _socket.SendAsync(request, SocketFlags.None);
        _filled = 0;
        int end;
        while ((end = _buffer.AsSpan(0, _filled).IndexOf("\r\n\r\n"u8)) < 0)
        {
            await FillAsync();
        }

        var status = ParseStatus(_buffer);
        var length = ContentLength(_buffer.AsSpan(0, end + 2));
        while (_filled < end + 4 + length)
        {
            await FillAsync();
        }

        Body = _buffer.AsMemory(end + 4, length);
        return status;
    }

    public void Dispose() => _socket.Dispose();

    private static int ParseStatus(ReadOnlySpan<byte> head) =>
        Utf8Parser.TryParse(head[9..12], out int status, out _) ? status : throw new IOException("Not HTTP.");

    private static int ContentLength(ReadOnlySpan<byte> head)
    {
        var name = "\r\nContent-Length: "u8;
        var at = head.IndexOf(name);
        return at < 0 ? 0 : Utf8Parser.TryParse(head[(at + name.Length)..], out int length, out _) ? length : 0;
    }

    private async ValueTask FillAsync()
    {
        if (_filled == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        var read = await _socket.ReceiveAsync(_buffer.AsMemory(_filled), SocketFlags.None);
        _filled += read > 0 ? read : throw new IOException("The connection was closed.");
    }
}
