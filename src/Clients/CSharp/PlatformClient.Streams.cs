using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;

namespace Platform.Client;

/// <summary>A server-sent event.</summary>
/// <param name="Id">Null where it has none.</param>
/// <param name="Type">Its name; <c>message</c> where it has none.</param>
public sealed record StreamEvent(string? Id, string Type, string Data);

public sealed partial class PlatformClient
{
    /// <summary>Connects again after the last event that was seen, whenever the connection ends; ends with the token, or with a failure that waiting does not mend.</summary>
    internal async IAsyncEnumerable<StreamEvent> FollowAsync(string path, string? lastEventId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var failures = 1; ; failures++)
        {
            await using var events = ConnectAsync(path, lastEventId, cancellationToken).GetAsyncEnumerator(cancellationToken);
            TimeSpan? pause = null;
            while (true)
            {
                try
                {
                    if (!await events.MoveNextAsync())
                    {
                        break;
                    }
                }
                catch (PlatformException e) when (e.IsTransient)
                {
                    pause = e.RetryAfter;
                    break;
                }
                catch (Exception e) when (e is HttpRequestException or IOException && !cancellationToken.IsCancellationRequested)
                {
                    break;
                }

                failures = 0;
                lastEventId = events.Current.Id ?? lastEventId;
                yield return events.Current;
            }

            await Task.Delay(pause ?? Backoff(failures), _options.Clock, cancellationToken);
        }
    }

    private async IAsyncEnumerable<StreamEvent> ConnectAsync(string path, string? lastEventId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Get, path, idempotencyKey: null, call: null);
        request.Headers.Accept.ParseAdd("text/event-stream");
        if (lastEventId is not null)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        }

        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw await FailureAsync(response, cancellationToken);
        }

        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        await foreach (var item in SseParser.Create(body).EnumerateAsync(cancellationToken))
        {
            yield return new(item.EventId, item.EventType, item.Data);
        }
    }
}
