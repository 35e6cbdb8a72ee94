using System.Text.Json;
using Platform.CoreApi.Tests.Feed;

namespace Platform.CoreApi.Tests.Parity;

/// <summary>A request of REST.</summary>
internal sealed record RestAsk(string Method, string Path, string? Body, (string Name, string Value)[] Headers) : Ask(Transport.Rest)
{
    /// <summary>Names of parameters that can be given several times; a message has them as lists.</summary>
    private static readonly Dictionary<string, string> Plural = new(StringComparer.Ordinal) { ["type"] = "types", ["subject"] = "subjects", ["label"] = "labels" };

    /// <summary>True where a type can be given several times.</summary>
    public bool HasTypes { get; init; } = Path.StartsWith("/v1/events", StringComparison.Ordinal);

    /// <summary>Events of a stream that are waited for.</summary>
    public int Events { get; init; }

    private bool IsStream => Path.StartsWith("/v1/events/stream", StringComparison.Ordinal);

    public override async Task<Seen> SendAsync(World world)
    {
        using var client = new HttpClient { BaseAddress = world.Service.BaseAddress };
        using var response = await SendAsync(client, world);
        var seen = new Seen(ToString()) { Status = (int)response.StatusCode };
        if (response.IsSuccessStatusCode && IsStream)
        {
            return seen with { Note = await ReadAsync(response) };
        }

        var answer = await response.DocumentAsync();
        return response.IsSuccessStatusCode ? Succeeded(seen, response, answer) : Refused(seen, response, answer, HasTypes);
    }

    public override string ToString() => $"{Method} {Path}";

    /// <summary>By its problem document.</summary>
    public static Seen Refused(Seen seen, HttpResponseMessage response, Document problem, bool hasTypes = false)
    {
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal((int)response.StatusCode, problem["status"].GetInt32());
        return seen with
        {
            Code = problem["code"].GetString(), Retry = response.Headers.RetryAfter?.Delta > TimeSpan.Zero,
            Faults = FaultPath.Of(FaultsOf(problem.Json).Select(f => (f.Pointer == "type" && !hasTypes ? f.Pointer : Plural.GetValueOrDefault(f.Pointer, f.Pointer), f.Code))),
        };
    }

    public static IEnumerable<(string Pointer, string Code)> FaultsOf(JsonElement answer) =>
        answer.TryGetProperty("errors", out var errors)
            ? errors.EnumerateArray().Select(e => (e.GetProperty("pointer").GetString()!, e.GetProperty("code").GetString()!))
            : [];

    private async Task<HttpResponseMessage> SendAsync(HttpClient client, World world)
    {
        using var request = new HttpRequestMessage(new(Method), world.Fill(Path));
        if (world.Authorization is { } authorization)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        if (Body is not null)
        {
            request.Content = new StringContent(world.Fill(Body), null, "application/json");
        }

        // What is refused by its length is not sent first, or a closed connection can come before the answer.
        request.Headers.ExpectContinue = Body?.Length > 1_000_000;
        foreach (var (name, value) in Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private static Seen Succeeded(Seen seen, HttpResponseMessage response, Document answer) => seen with
    {
        Location = response.Headers.Location?.ToString(),
        Replayed = response.Headers.Contains("Idempotency-Replayed"),
        Note = answer.Json.ValueKind == JsonValueKind.Object && answer.Json.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Array && answer.Json.TryGetProperty("has_more", out _)
            ? string.Join(' ', data.EnumerateArray().Select(e => Event(e)))
            : response.Headers.ETag?.Tag ?? "",
    };

    private async Task<string> ReadAsync(HttpResponseMessage response)
    {
        using var stream = await SseClient.OfAsync(response);
        var told = await stream.ReadAsync(Events);
        return string.Join(' ', told.Select(e => e.Type == "gap" ? Gap(e.Json) : Event(e.Json)));
    }

    /// <summary>An event, or a resource, which tells of no subject.</summary>
    public static string Event(JsonElement item) =>
        item.TryGetProperty("subject", out var subject) ? $"{subject.GetString()}:{item.GetProperty("type").GetString()}" : "";

    /// <summary>As the frames and messages of the other transports tell it.</summary>
    public static string Gap(JsonElement gap) => $"{gap.GetProperty("from")}-{gap.GetProperty("to")}:{gap.GetProperty("reason").GetString()}";
}
