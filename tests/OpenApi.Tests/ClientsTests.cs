using System.Net;
using System.Text.Json.Nodes;
using Platform.Client;
using Platform.Testing;

namespace Platform.OpenApi.Tests;

/// <summary>The clients are what the document says, and get their requests through whatever happens on the way.</summary>
public sealed class ClientsTests(WholePlatform platform) : IClassFixture<WholePlatform>
{
    [Fact]
    public async Task Both_clients_are_what_the_document_says()
    {
        var different = await NodeWitness.RunAsync("../../tools/clients/generate.mjs", [await platform.DocumentAsync()]);
        Assert.True(different.Count == 0,
            $"{string.Join(", ", different)}: start the platform and run: curl -s localhost:8080/openapi/v1.json | node tools/clients/generate.mjs --write");
    }

    [Fact]
    public async Task Every_operation_has_a_method_on_the_CSharp_client()
    {
        var methods = typeof(PlatformClient).GetMethods().Select(m => m.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var operations = JsonNode.Parse(await platform.DocumentAsync())!["paths"]!.AsObject().SelectMany(p => p.Value!.AsObject().Select(o => o.Value!))
            .Where(o => o["responses"]!.AsObject().Any(r => r.Key[0] == '2')).Select(o => o["operationId"]!.ToString());
        Assert.All(operations, o => Assert.Contains(o + "Async", methods));
    }

    [Fact]
    public async Task The_TypeScript_clients_types_hold()
    {
        var complaints = await NodeWitness.RunAsync("check-types.mjs", []);
        Assert.True(complaints.Count == 0, string.Join('\n', complaints));
    }

    [Fact]
    public async Task A_write_whose_answer_is_lost_happens_once()
    {
        var sent = new List<string>();
        using var http = Http(async (request, send) =>
        {
            var response = await send();
            if (request.Method == HttpMethod.Get)
            {
                return response;
            }

            sent.Add(request.Headers.GetValues("Idempotency-Key").Single());
            return sent.Count switch
            {
                1 => throw new HttpRequestException("The connection broke."),
                2 => new HttpResponseMessage(HttpStatusCode.ServiceUnavailable) { Headers = { RetryAfter = new(TimeSpan.Zero) } },
                _ => response,
            };
        });
        var client = Client(http);
        var replayed = false;
        var made = await client.CreateResourceAsync(
            new() { Type = "once", Data = new JsonObject() }, new() { Answered = r => replayed = r.Headers.Contains("Idempotency-Replayed") });
        Assert.Equal(3, sent.Count);
        Assert.Single(sent.Distinct());
        Assert.True(replayed);
        Assert.Equal(made.Id, Assert.Single((await client.ListResourcesAsync(new() { Type = "once" })).Data).Id);
    }

    [Fact]
    public async Task It_waits_as_long_as_the_answer_says_and_gives_up_in_the_end()
    {
        var clock = new TestClock();
        var requests = new List<DateTimeOffset>();
        using var http = Http((_, _) =>
        {
            requests.Add(clock.GetUtcNow());
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.TooManyRequests)
            {
                Headers = { RetryAfter = new(TimeSpan.FromSeconds(30)) }, Content = new StringContent("""{"code": "rate_limited", "detail": "Try again in 30 s.", "request_id": "req_1"}"""),
            });
        });
        var asked = new PlatformClient(http, new() { Key = platform.Key, MaxAttempts = 3, Clock = clock }).ListQueuesAsync();
        await Eventually.IsTrueAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return asked.IsCompleted;
        }, "the end of the attempts", TimeSpan.FromSeconds(30));
        var failure = await Assert.ThrowsAsync<PlatformException>(() => asked);
        Assert.Equal(3, requests.Count);
        Assert.All(requests.Zip(requests.Skip(1)), pair => Assert.True(pair.Second - pair.First >= TimeSpan.FromSeconds(30)));
        Assert.Equal(("rate_limited", "req_1", TimeSpan.FromSeconds(30)), (failure.Code, failure.RequestId, failure.RetryAfter));
    }

    [Fact]
    public async Task What_cannot_get_better_is_not_tried_again()
    {
        var requests = 0;
        using var http = Http((_, send) =>
        {
            requests++;
            return send();
        });
        var failure = await Assert.ThrowsAsync<PlatformException>(() => Client(http).CreateResourceAsync(new() { Type = "Not A Type", Data = null }));
        Assert.Equal(1, requests);
        Assert.Equal(HttpStatusCode.BadRequest, failure.Status);
        Assert.Contains(failure.Errors, e => e is { Pointer: "/type", Code: "invalid_format" });
        Assert.StartsWith("req_", failure.RequestId, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_goes_on_after_the_last_event_that_was_seen()
    {
        var asked = new List<string?>();
        using var http = Http((request, _) =>
        {
            asked.Add(request.Headers.TryGetValues("Last-Event-ID", out var last) ? last.Single() : null);
            var events = asked.Count switch
            {
                1 => "id: 1\nevent: resource.created\ndata: {\"a\":\ndata: 1}\n\n: heartbeat\n\nid: 2\ndata: two\n\nid: 3\ndata: cut",
                _ => "id: 3\ndata: three\n\n",
            };
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(events, null, "text/event-stream") });
        });
        var seen = new List<StreamEvent>();
        await foreach (var item in Client(http).FollowAsync("/v1/events/stream", lastEventId: null, CancellationToken.None))
        {
            seen.Add(item);
            if (seen.Count == 3)
            {
                break;
            }
        }

        Assert.Equal([new("1", "resource.created", "{\"a\":\n1}"), new("2", "message", "two"), new("3", "message", "three")], seen);
        Assert.Equal([null, "2"], asked);
    }

    private PlatformClient Client(HttpClient http) => new(http, new() { Key = platform.Key, MaxPause = TimeSpan.FromMilliseconds(1) });

    private HttpClient Http(Func<HttpRequestMessage, Func<Task<HttpResponseMessage>>, Task<HttpResponseMessage>> answer) =>
        new(new Wire(answer) { InnerHandler = new SocketsHttpHandler() }) { BaseAddress = platform.Url };

    /// <summary>What happens between the client and the platform.</summary>
    private sealed class Wire(Func<HttpRequestMessage, Func<Task<HttpResponseMessage>>, Task<HttpResponseMessage>> answer) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            answer(request, () => base.SendAsync(request, cancellationToken));
    }
}
