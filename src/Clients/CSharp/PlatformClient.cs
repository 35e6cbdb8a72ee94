using System.Globalization;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Platform.Client;

/// <summary>
/// The API, an operation a method. An operation takes several requests where one fails in a way that passes: a broken connection, 429, 502, 503, 504, or a twin that
/// still runs. They all carry the same <c>Idempotency-Key</c>, so a write happens once. Any other failure is a <see cref="PlatformException"/>. Safe to be used by
/// many at once.
/// </summary>
/// <param name="http">With the platform's base address; it lives as long as the client, and stays the caller's to dispose.</param>
public sealed partial class PlatformClient(HttpClient http, PlatformClientOptions? options = null)
{
    private static readonly JsonSerializerOptions Json_ = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private readonly PlatformClientOptions _options = options ?? new();

    private static string Escape(string part) => Uri.EscapeDataString(part);

    private static Content? Json<T>(T? body, string mediaType)
    {
        if (body is null)
        {
            return null;
        }

        // Merge patches keep their nulls, which remove.
        var bytes = JsonSerializer.SerializeToUtf8Bytes(body, Json_);
        return new(() => new ByteArrayContent(bytes) { Headers = { ContentType = new(mediaType) } }, IsRepeatable: true);
    }

    private static Content Bytes(HttpContent body) => new(() => body, IsRepeatable: false);

    private static string Query(params (string Name, object? Value)[] parameters)
    {
        var pairs = parameters.Where(p => p.Value is not null)
            .SelectMany(p => p.Value is IEnumerable<string> many ? many.Select(v => (p.Name, Value: v)) : [(p.Name, Value: Text(p.Value!))])
            .Select(p => $"{p.Name}={Uri.EscapeDataString(p.Value)}").ToArray();
        return pairs.Length == 0 ? "" : "?" + string.Join('&', pairs);
    }

    private static string Text(object value) => value switch
    {
        DateTimeOffset time => time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture),
        bool flag => flag ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    private async Task<T> SendAsync<T>(HttpMethod method, string path, Content? content, bool isWrite, CallOptions? call, CancellationToken cancellationToken)
    {
        using var response = await SendForResponseAsync(method, path, content, isWrite, call, HttpCompletionOption.ResponseContentRead, cancellationToken);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        return (await JsonSerializer.DeserializeAsync<T>(body, Json_, cancellationToken))!;
    }

    private async Task SendAsync(HttpMethod method, string path, Content? content, bool isWrite, CallOptions? call, CancellationToken cancellationToken) =>
        (await SendForResponseAsync(method, path, content, isWrite, call, HttpCompletionOption.ResponseContentRead, cancellationToken)).Dispose();

    private async Task<string> SendForTextAsync(HttpMethod method, string path, Content? content, bool isWrite, CallOptions? call, CancellationToken cancellationToken)
    {
        using var response = await SendForResponseAsync(method, path, content, isWrite, call, HttpCompletionOption.ResponseContentRead, cancellationToken);
        return await response.Content.ReadAsStringAsync(cancellationToken);
    }

    /// <summary>The answer's bytes as they come; the caller disposes the stream.</summary>
    private async Task<Stream> SendForBytesAsync(HttpMethod method, string path, Content? content, bool isWrite, CallOptions? call, CancellationToken cancellationToken)
    {
        var response = await SendForResponseAsync(method, path, content, isWrite, call, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        return await response.Content.ReadAsStreamAsync(cancellationToken);
    }

    private async Task<HttpResponseMessage> SendForResponseAsync(
        HttpMethod method, string path, Content? content, bool isWrite, CallOptions? call, HttpCompletionOption completion, CancellationToken cancellationToken)
    {
        var key = isWrite ? call?.IdempotencyKey ?? Guid.CreateVersion7(_options.Clock.GetUtcNow()).ToString() : null;
        var repeats = (method == HttpMethod.Get || isWrite) && content is not { IsRepeatable: false };
        for (var attempt = 1; ; attempt++)
        {
            var isLast = !repeats || attempt >= _options.MaxAttempts;
            TimeSpan? pause = null;
            try
            {
                using var request = Request(method, path, key, call);
                request.Content = content?.Make();
                var response = await http.SendAsync(request, completion, cancellationToken);
                if (response.IsSuccessStatusCode)
                {
                    call?.Answered?.Invoke(response);
                    return response;
                }

                using (response)
                {
                    var failure = await FailureAsync(response, cancellationToken);
                    if (isLast || !failure.IsTransient)
                    {
                        throw failure;
                    }

                    pause = failure.RetryAfter;
                }
            }
            catch (HttpRequestException) when (!isLast)
            {
                // Whether it arrived is not known; sent again under the same key it happens once.
            }
            catch (TaskCanceledException) when (!isLast && !cancellationToken.IsCancellationRequested)
            {
                // The HttpClient's own time-out.
            }

            await Task.Delay(pause ?? Backoff(attempt), _options.Clock, cancellationToken);
        }
    }

    private HttpRequestMessage Request(HttpMethod method, string path, string? idempotencyKey, CallOptions? call)
    {
        var request = new HttpRequestMessage(method, path);
        if (_options.Key is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _options.Key);
        }

        foreach (var (name, value) in new[] { ("Idempotency-Key", idempotencyKey), ("If-Match", call?.IfMatch), ("X-Request-Id", call?.RequestId) })
        {
            if (value is not null)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return request;
    }

    /// <summary>Doubles each time, and differs from caller to caller, so that those who failed together do not come back together.</summary>
    private TimeSpan Backoff(int attempt)
    {
        var longest = Math.Min(100 * Math.Pow(2, attempt), _options.MaxPause.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(longest * (0.5 + (Random.Shared.NextDouble() / 2)));
    }

    private static async Task<PlatformException> FailureAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        Problem? problem = null;
        try
        {
            problem = JsonSerializer.Deserialize<Problem>(await response.Content.ReadAsByteArrayAsync(cancellationToken), Json_);
        }
        catch (JsonException)
        {
            // Of a proxy in between.
        }

        return new(response.StatusCode, problem?.Code is { Length: > 0 } code ? code : "unknown", problem?.Detail ?? response.ReasonPhrase ?? "")
        {
            Errors = [.. problem?.Errors?.Select(e => new PlatformError(e.Pointer, e.Code, e.Detail)) ?? []],
            RequestId = problem?.RequestId,
            RetryAfter = response.Headers.RetryAfter?.Delta,
        };
    }

    private static async IAsyncEnumerable<TItem> AllAsync<TPage, TItem>(
        string? cursor, Func<string?, Task<TPage>> read, Func<TPage, (IReadOnlyList<TItem> Items, string? Next)> open, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (items, next) = open(await read(cursor));
            foreach (var item in items)
            {
                yield return item;
            }

            cursor = next;
        }
        while (cursor is not null);
    }

    /// <param name="IsRepeatable">False for what can be read only once.</param>
    private sealed record Content(Func<HttpContent> Make, bool IsRepeatable);
}
