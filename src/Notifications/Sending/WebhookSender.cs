using System.Globalization;
using System.Net.Http.Headers;
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

    private const string UserAgent = "Platform-Webhooks/1.0";

    /// <exception cref="OperationCanceledException">The process stops; nobody knows what came of it.</exception>
    public async Task<AttemptResult> SendAsync(WebhookRequest webhook, CancellationToken cancellationToken)
    {
        var at = clock.GetUtcNow();
        var started = clock.GetTimestamp();
        var limit = webhook.Timeout ?? options.Timeout;
        using var timeout = new CancellationTokenSource(limit, clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        while (true)
        {
            using var request = Compose(webhook, at.ToUnixTimeSeconds());
            var trace = new OutboundTrace(clock);
            AttemptResult result;
            int? status = null;
            AttemptResult Failed(string error, string detail) => new(at, clock.GetElapsedTime(started), status, error, detail);

            try
            {
                using var response = await trace.SendAsync(connections.Client, request, linked.Token);
                status = (int)response.StatusCode;
                var (body, _) = await OutboundHttp.ReadHeadAsync(response.Content, MaxResponseBody, linked.Token);
                var (error, detail) = Judge(response);
                result = new(at, clock.GetElapsedTime(started), status, error, detail)
                {
                    ResponseHeaders = HeaderLines.Of(response),
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
                    ? Failed(AttemptError.Timeout, $"No whole answer within {limit.TotalSeconds:0.###} s.")
                    : Failed(AttemptError.Timeout, $"No connection within {options.ConnectTimeout.TotalSeconds:0.###} s.");
            }
            catch (Exception e) when (AttemptFailure.Of(e) is { } error)
            {
                result = Failed(error, AttemptFailure.Detail(e));
            }

            // The receiver let go of a kept connection at the moment it was used again, and has answered nothing: that is no failure of the receiver.
            if (result.Error != AttemptError.ConnectionLost || !trace.ConnectionReused || trace.FirstByte is not null || linked.IsCancellationRequested)
            {
                return result with
                {
                    Address = trace.Address?.ToString(), Timing = AttemptTiming.Of(trace), RequestHeaders = HeaderLines.Of(request, webhook.Headers),
                };
            }
        }
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
}
