using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Platform.Notifications.Signing;
using Platform.ServiceDefaults.Outbound;

namespace Platform.Notifications.Sending;

/// <summary>
/// Makes one attempt and says what came of it. It never throws for what a receiver does, waits no longer than the time-out for
/// the whole exchange, follows no redirect, and reads no more of an answer than it keeps.
/// </summary>
internal sealed class WebhookSender(WebhookConnections connections, WebhookOptions options, TimeProvider clock)
{
    /// <summary>Bytes of an answer's body that are read and kept.</summary>
    public const int MaxResponseBody = 16 * 1024;

    private const int MaxResponseHeaders = 4 * 1024;
    private const string UserAgent = "Platform-Webhooks/1.0";

    /// <exception cref="OperationCanceledException">The process stops; nobody knows what came of it.</exception>
    public async Task<AttemptResult> SendAsync(WebhookRequest webhook, CancellationToken cancellationToken)
    {
        var at = clock.GetUtcNow();
        var started = clock.GetTimestamp();
        var bound = webhook.Timeout ?? options.Timeout;
        using var timeout = new CancellationTokenSource(bound, clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        int? status = null;
        AttemptResult Failed(string error, string detail) => new(at, clock.GetElapsedTime(started), status, error, detail);

        AttemptResult result;
        try
        {
            using var request = Compose(webhook, at.ToUnixTimeSeconds());
            using var response = await connections.Client.SendAsync(request, linked.Token);
            status = (int)response.StatusCode;
            var (body, _) = await OutboundHttp.ReadHeadAsync(response.Content, MaxResponseBody, linked.Token);
            var (error, detail) = Judge(response);
            result = new(at, clock.GetElapsedTime(started), status, error, detail)
            {
                ResponseHeaders = HeadersOf(response),
                ResponseBody = body,
                RetryAfter = RetryAfter.Of(response, clock.GetUtcNow()),
            };
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (OperationCanceledException)
        {
            result = timeout.IsCancellationRequested
                ? Failed(AttemptError.Timeout, $"No whole answer within {bound.TotalSeconds:0.###} s.")
                : Failed(AttemptError.Timeout, $"No connection within {options.ConnectTimeout.TotalSeconds:0.###} s.");
        }
        catch (Exception e) when (Describe(e) is { } error)
        {
            result = Failed(error, Innermost(e).Message);
        }

        return result with { Address = connections.AddressOf(webhook.Url) };
    }

    private static HttpRequestMessage Compose(WebhookRequest webhook, long timestamp)
    {
        var content = new ReadOnlyMemoryContent(webhook.Body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        var request = new HttpRequestMessage(HttpMethod.Post, webhook.Url) { Content = content };
        foreach (var (name, value) in webhook.Headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                content.Headers.TryAddWithoutValidation(name, value);
            }
        }

        request.Headers.TryAddWithoutValidation("User-Agent", UserAgent);
        request.Headers.TryAddWithoutValidation("webhook-id", webhook.MessageId);
        request.Headers.TryAddWithoutValidation("webhook-timestamp", timestamp.ToString(CultureInfo.InvariantCulture));
        request.Headers.TryAddWithoutValidation("webhook-signature",
            WebhookSignature.Of(webhook.Secrets, webhook.MessageId, timestamp, webhook.Body.Span));
        return request;
    }

    private static (string? Error, string? Detail) Judge(HttpResponseMessage response) => (int)response.StatusCode switch
    {
        >= 200 and < 300 => (null, null),
        >= 300 and < 400 => (AttemptError.Redirect, $"Answered {(int)response.StatusCode}; redirects are not followed."),
        410 => (AttemptError.Gone, "Answered 410: the endpoint is disabled."),
        var status => (AttemptError.BadStatus, $"Answered {status}."),
    };

    private static string HeadersOf(HttpResponseMessage response)
    {
        var lines = new StringBuilder(512);
        foreach (var (name, values) in response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated))
        {
            foreach (var value in values)
            {
                lines.Append(name).Append(": ").Append(value.Replace('\0', ' ')).Append('\n');
            }

            if (lines.Length >= MaxResponseHeaders)
            {
                lines.Length = MaxResponseHeaders;
                break;
            }
        }

        return lines.ToString();
    }

    /// <summary>The class of a failure on the wire; null for what is a bug of ours.</summary>
    private static string? Describe(Exception e)
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

    private static Exception Innermost(Exception e) => e.InnerException is { } inner ? Innermost(inner) : e;
}
