using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Platform.Eventing.Status;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.OpenApi;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.ServiceDefaults.Streams;

/// <summary>
/// <c>GET /v1/streams?service=&amp;group=&amp;local=</c>: outbox, relay, consumer groups and what holds them up, of this process and, unless
/// <c>local=true</c>, of its peers. A peer that does not answer is named; the answer is 200 all the same.
/// </summary>
internal static class StreamsEndpoint
{
    private const int MaxName = 255;
    private static readonly JsonSerializerOptions Writing = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static IServiceCollection AddPlatformStreams(this IServiceCollection services) => services.AddSingleton<StreamPeers>();

    public static void MapPlatformStreams(this WebApplication app) =>
        app.MapGet("/v1/streams", HandleAsync).RequireScope(Scopes.OperationsRead).Describe(() => PlatformDescriptions.Streams);

    private static async Task<IResult> HandleAsync(HttpContext http, StreamStatus status, StreamPeers peers)
    {
        var errors = new List<InputError>();
        var service = Read(http, "service", errors);
        var group = Read(http, "group", errors);
        var local = Read(http, "local", errors);
        if (local is not (null or "true" or "false"))
        {
            errors.Add(new("local", "invalid_value", "'local' is true or false."));
        }

        if (errors.Count > 0)
        {
            return KnownProblems.Validation(errors);
        }

        var asking = local == "true"
            ? Task.FromResult<(IReadOnlyList<JsonNode>, IReadOnlyList<(string, string)>)>(([], []))
            : peers.AskAsync("/v1/streams" + QueryOf(service, group), http.Request.Headers.Authorization.ToString(), http.RequestAborted);
        var mine = await status.ReadAsync(service, group, blocking: true, http.RequestAborted);
        var (theirs, unreachable) = await asking;
        return JsonAnswer.Ok(JsonSerializer.SerializeToUtf8Bytes(Answer(mine, theirs, unreachable), Writing));
    }

    private static JsonObject Answer(
        IReadOnlyList<ServiceStatus> mine, IReadOnlyList<JsonNode> theirs, IReadOnlyList<(string Peer, string Reason)> unreachable)
    {
        // A peer may be another instance of the same service, and says the same.
        var services = new SortedDictionary<string, JsonNode?>(StringComparer.Ordinal);
        foreach (var node in theirs)
        {
            services[node["service"]?.ToString() ?? ""] = node;
        }

        foreach (var own in mine)
        {
            services[own.Service] = JsonSerializer.SerializeToNode(own, Writing);
        }

        return new()
        {
            ["services"] = new JsonArray([.. services.Values]),
            ["unreachable"] = new JsonArray([.. unreachable.Select(u => new JsonObject { ["peer"] = u.Peer, ["reason"] = u.Reason })]),
        };
    }

    private static string QueryOf(string? service, string? group) => "?local=true"
        + (service is null ? "" : "&service=" + Uri.EscapeDataString(service)) + (group is null ? "" : "&group=" + Uri.EscapeDataString(group));

    private static string? Read(HttpContext http, string name, List<InputError> errors)
    {
        var text = http.Request.Query.TryGetValue(name, out var given) ? given.ToString() : null;
        if (text is { Length: 0 or > MaxName } || text?.Contains('\0', StringComparison.Ordinal) == true)
        {
            errors.Add(new(name, "invalid_value", $"'{name}' is not valid."));
        }

        return text;
    }
}
