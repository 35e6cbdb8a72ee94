using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Platform.ServiceDefaults.Authentication;

namespace Platform.ServiceDefaults.OpenApi;

/// <summary>
/// The process's routes as an OpenAPI 3.1 document, made at the first request for it out of what the route tables say. The same routes give
/// the same bytes.
/// </summary>
internal sealed partial class ApiDocument(EndpointDataSource routes)
{
    private static readonly string[] Methods = ["GET", "PUT", "POST", "PATCH", "DELETE"];
    private static readonly JsonSerializerOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly Lazy<(byte[] Json, string Tag)> _document = new(() => Tagged(Build(routes.Endpoints)));
    private readonly Lazy<(byte[] Html, string Tag)> _page = new(() => Tagged(DocsPage.Render(Build(routes.Endpoints))));

    /// <summary>UTF-8, and the entity tag of these bytes.</summary>
    public (byte[] Json, string Tag) Document => _document.Value;

    /// <summary>The document for people.</summary>
    public (byte[] Html, string Tag) Page => _page.Value;

    /// <summary>Routes that are neither described nor left out with a reason: <c>GET /path</c>.</summary>
    internal static IEnumerable<string> Missing(IEnumerable<Endpoint> endpoints) => endpoints.OfType<RouteEndpoint>()
        .Where(e => e.Metadata.GetMetadata<OperationDescription>() is null && e.Metadata.GetMetadata<NoDescription>() is null)
        .Select(e => $"{string.Join(',', MethodsOf(e))} {e.RoutePattern.RawText}");

    /// <exception cref="InvalidOperationException">Two operations have one id, a parameter of a path is not described, or two schemas have one name.</exception>
    internal static JsonObject Build(IEnumerable<Endpoint> endpoints)
    {
        var operations = endpoints.OfType<RouteEndpoint>().SelectMany(Describe)
            .OrderBy(o => o.Path, StringComparer.Ordinal).ThenBy(o => Array.IndexOf(Methods, o.Method)).ToArray();
        foreach (var twice in operations.GroupBy(o => o.Operation.Id, StringComparer.Ordinal).Where(g => g.Count() > 1))
        {
            throw new InvalidOperationException($"Two operations are named {twice.Key}.");
        }

        var schemas = new Components();
        var paths = new JsonObject();
        foreach (var path in operations.GroupBy(o => o.Path, StringComparer.Ordinal))
        {
            paths[path.Key] = new JsonObject(path.Select(o => KeyValuePair.Create(o.Method.ToLowerInvariant(), (JsonNode?)o.ToJson(schemas))));
        }

        var common = CommonParts.ToJson(schemas);
        return new()
        {
            ["openapi"] = "3.1.1",
            ["info"] = Introduction.Info(),
            ["servers"] = new JsonArray(new JsonObject { ["url"] = "/", ["description"] = "Where this document comes from." }),
            ["tags"] = new JsonArray([.. Tags.All.Where(t => operations.Any(o => o.Operation.Tag == t.Name))
                .Select(t => (JsonNode)new JsonObject { ["name"] = t.Name, ["description"] = t.Description })]),
            ["paths"] = paths,
            ["components"] = new JsonObject([KeyValuePair.Create("schemas", (JsonNode?)schemas.ToJson()), .. common.Select(c => KeyValuePair.Create(c.Key, c.Value?.DeepClone()))]),
        };
    }

    private static IEnumerable<OperationJson> Describe(RouteEndpoint endpoint)
    {
        if (endpoint.Metadata.GetMetadata<OperationDescription>() is not { } description)
        {
            yield break;
        }

        var path = Constraint().Replace(endpoint.RoutePattern.RawText!, "{$1}");
        var operation = description.Describe();
        var declared = operation.Parameters.Where(p => p.In == "path").Select(p => p.Name).Order(StringComparer.Ordinal);
        if (!declared.SequenceEqual(endpoint.RoutePattern.Parameters.Select(p => p.Name).Order(StringComparer.Ordinal), StringComparer.Ordinal))
        {
            throw new InvalidOperationException($"The parameters of {path} are not those that {operation.Id} describes.");
        }

        if (!Tags.All.Any(t => t.Name == operation.Tag))
        {
            throw new InvalidOperationException($"{operation.Id} has a tag that is not one of Tags.");
        }

        foreach (var method in MethodsOf(endpoint).Where(Methods.Contains))
        {
            yield return new(operation, method, path, endpoint.Metadata.GetMetadata<EndpointAccess>()?.Scope);
        }
    }

    private static IEnumerable<string> MethodsOf(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? [];

    private static (byte[], string) Tagged(JsonNode document) => Tagged(JsonSerializer.SerializeToUtf8Bytes(document, Writing));

    private static (byte[], string) Tagged(byte[] bytes) => (bytes, $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 12))}\"");

    [GeneratedRegex(@"\{\*{0,2}(\w+)(:[^}]*)?\??\}", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Constraint();
}
