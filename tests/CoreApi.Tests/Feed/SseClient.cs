using System.Text;
using System.Text.Json;

namespace Platform.CoreApi.Tests.Feed;

/// <summary>One dispatched event of an event stream, as a browser sees it; comments and blocks without data have none of their own.</summary>
internal sealed record SseMessage(string Type, string LastEventId, string Data)
{
    public long Position => long.Parse(LastEventId);
    public JsonElement Json => JsonDocument.Parse(Data).RootElement;
}

/// <summary>Reads an event stream by the rules of the HTML standard, a line at a time.</summary>
internal sealed class SseClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly HttpResponseMessage _response;
    private readonly StreamReader _reader;

    private SseClient(HttpResponseMessage response, Stream body)
    {
        _response = response;
        _reader = new(body, Encoding.UTF8, bufferSize: 32 * 1024);
    }

    public HttpResponseMessage Response => _response;

    /// <summary>What a browser would send as <c>Last-Event-ID</c>.</summary>
    public string LastEventId { get; private set; } = "";
    public List<string> Comments { get; } = [];

    public static async Task<SseClient> OpenAsync(HttpClient client, string query = "", string? lastEventId = null)
    {
        var response = await AskAsync(client, query, lastEventId);
        Assert.Equal(200, (int)response.StatusCode);
        return await OfAsync(response);
    }

    /// <summary>Of an answer that has begun.</summary>
    public static async Task<SseClient> OfAsync(HttpResponseMessage response)
    {
        var stream = new SseClient(response, await response.Content.ReadAsStreamAsync());

        // The first block says where it begins: from here on nothing is missed.
        await stream.ReadBlockAsync();
        return stream;
    }

    public static Task<HttpResponseMessage> AskAsync(HttpClient client, string query = "", string? lastEventId = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/v1/events/stream" + query);
        if (lastEventId is not null)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        }

        return client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>What the first block brought, where it was an event.</summary>
    public Queue<SseMessage> Early { get; } = new();

    /// <summary>The next event; null at the end of the stream.</summary>
    public async Task<SseMessage?> ReadAsync()
    {
        if (Early.TryDequeue(out var early))
        {
            return early;
        }

        while (true)
        {
            var (isEnd, message) = await TryReadBlockAsync();
            if (isEnd || message is not null)
            {
                return message;
            }
        }
    }

    public async Task<List<SseMessage>> ReadAsync(int count)
    {
        var messages = new List<SseMessage>(count);
        while (messages.Count < count)
        {
            messages.Add(await ReadAsync() ?? throw new EndOfStreamException($"the stream ended after {messages.Count} of {count} events"));
        }

        return messages;
    }

    /// <summary>Until the stream ends; true when it ends well, false when it is cut.</summary>
    public async Task<bool> EndsAsync()
    {
        try
        {
            while (await ReadAsync() is not null)
            {
                // Whatever is still on its way.
            }

            return true;
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            return false;
        }
    }

    public void Dispose() => _response.Dispose();

    private async Task ReadBlockAsync()
    {
        var (_, message) = await TryReadBlockAsync();
        if (message is not null)
        {
            Early.Enqueue(message);
        }
    }

    private async Task<(bool IsEnd, SseMessage? Message)> TryReadBlockAsync()
    {
        string type = "message", data = "", id = LastEventId;
        var hasData = false;
        while (true)
        {
            var line = await _reader.ReadLineAsync().WaitAsync(Patience);
            switch (line)
            {
                case null:
                    return (true, null);
                case "":
                    LastEventId = id;
                    return (false, hasData ? new(type, id, data) : null);
            }

            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var value = colon < 0 ? "" : line[(colon + 1)..].TrimStart(' ');
            switch (colon < 0 ? line : line[..colon])
            {
                case "":
                    Comments.Add(value);
                    break;
                case "event":
                    type = value;
                    break;
                case "data":
                    data = hasData ? data + "\n" + value : value;
                    hasData = true;
                    break;
                case "id":
                    id = value;
                    break;
            }
        }
    }
}
