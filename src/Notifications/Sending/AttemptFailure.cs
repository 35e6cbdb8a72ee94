using System.Net.Sockets;
using Platform.ServiceDefaults.Outbound;

namespace Platform.Notifications.Sending;

/// <summary>What a failure on the wire is called.</summary>
internal static class AttemptFailure
{
    /// <summary>One of <see cref="AttemptError"/>; null for what is a bug of ours.</summary>
    public static string? Of(Exception e)
    {
        if (Innermost(e) is OutboundBarredException)
        {
            return AttemptError.AddressBlocked;
        }

        return e switch
        {
            HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => AttemptError.NameNotResolved,
            HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => AttemptError.Tls,
            HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } when Innermost(e) is SocketException socket =>
                socket.SocketErrorCode switch
                {
                    SocketError.ConnectionRefused => AttemptError.ConnectionRefused,
                    SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => AttemptError.NameNotResolved,
                    _ => AttemptError.ConnectionFailed,
                },
            HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } => AttemptError.ConnectionFailed,
            HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded } => AttemptError.ConnectionLost,
            HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded } => AttemptError.ConnectionLost,
            HttpRequestException or HttpIOException when Innermost(e) is SocketException or IOException { InnerException: SocketException } => AttemptError.ConnectionLost,
            HttpRequestException or HttpIOException => AttemptError.InvalidResponse,
            IOException or SocketException => AttemptError.ConnectionLost,
            _ => null,
        };
    }

    /// <summary>More about it, for people.</summary>
    public static string Detail(Exception e) => Innermost(e).Message;

    private static Exception Innermost(Exception e) => e.InnerException is { } inner ? Innermost(inner) : e;
}
