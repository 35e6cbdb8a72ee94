using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Platform.ServiceDefaults.OpenApi;
using Platform.Testing;

namespace Platform.OpenApi.Tests;

/// <summary>The document itself: whole, the same each time, clean by the linters' rules, and true to its own schemas.</summary>
public sealed partial class DocumentTests(WholePlatform platform) : IClassFixture<WholePlatform>
{
    [Fact]
    public void Every_served_route_is_documented_or_left_out_with_a_reason() => Assert.Empty(ApiDocument.Missing(platform.Routes.Endpoints));

    [Fact]
    public async Task No_linter_finds_anything()
    {
        var findings = await NodeWitness.RunAsync("lint-openapi.mjs", [await platform.DocumentAsync()]);
        Assert.True(findings.Count == 0, string.Join('\n', findings));
    }

    [Fact]
    public async Task Every_example_is_allowed_by_its_schema()
    {
        var faults = await NodeWitness.RunAsync("check-openapi.mjs", [await platform.DocumentAsync()]);
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Fact]
    public async Task An_example_that_its_schema_does_not_allow_is_found()
    {
        var broken = (await platform.DocumentAsync()).Replace("\"state\":\"available\"", "\"state\":\"sleeping\"", StringComparison.Ordinal);
        Assert.Contains(await NodeWitness.RunAsync("check-openapi.mjs", [broken]), f => f.Contains("/state must be equal to one of the allowed values", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_same_routes_give_the_same_bytes()
    {
        var again = JsonSerializer.Serialize(ApiDocument.Build(platform.Routes.Endpoints.Reverse()));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(await platform.DocumentAsync()), JsonNode.Parse(again)));
        Assert.Equal(JsonSerializer.Serialize(ApiDocument.Build(platform.Routes.Endpoints)), again);
    }

    [Fact]
    public async Task What_the_caller_has_is_not_sent_again()
    {
        using var client = new HttpClient { BaseAddress = platform.Url };
        foreach (var path in new[] { "/openapi/v1.json", "/docs" })
        {
            using var first = await client.GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, first.StatusCode);
            using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { IfNoneMatch = { first.Headers.ETag! } } };
            using var second = await client.SendAsync(request);
            Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
            Assert.Empty(await second.Content.ReadAsByteArrayAsync());
        }
    }

    [Fact]
    public async Task Every_operation_with_input_can_refuse_it()
    {
        var document = JsonNode.Parse(await platform.DocumentAsync())!;
        var silent = document["paths"]!.AsObject().SelectMany(p => p.Value!.AsObject().Select(o => o.Value!))
            .Where(o => o["requestBody"] is not null || o["parameters"]!.AsArray().Any(p => p!["in"]?.ToString() == "query" || p["$ref"]?.ToString().EndsWith("IdempotencyKey", StringComparison.Ordinal) == true))
            .Where(o => o["responses"]!["400"] is null);
        Assert.Empty(silent.Select(o => o["operationId"]!.ToString()));
    }

    [Fact]
    public async Task The_page_shows_every_operation_and_needs_nothing_from_elsewhere()
    {
        using var client = new HttpClient { BaseAddress = platform.Url };
        using var response = await client.GetAsync("/docs");
        var html = await response.Content.ReadAsStringAsync();
        var document = JsonNode.Parse(await platform.DocumentAsync())!;
        foreach (var operation in document["paths"]!.AsObject().SelectMany(p => p.Value!.AsObject().Select(o => o.Value!)))
        {
            Assert.Contains($"<section data-find=", html, StringComparison.Ordinal);
            Assert.Contains($"id=\"{operation["operationId"]}\"", html, StringComparison.Ordinal);
        }

        Assert.DoesNotMatch("(src|href)=\"(https?:)?//", html);
        Assert.DoesNotMatch(" style=\"| on[a-z]+=\"", html);

        // The policy names exactly the one style and the one script that are in it.
        var policy = response.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'none';", policy, StringComparison.Ordinal);
        foreach (Match inline in Inline().Matches(html))
        {
            var hash = Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(inline.Groups["content"].Value)));
            Assert.Contains($"{inline.Groups["kind"].Value}-src 'sha256-{hash}'", policy, StringComparison.Ordinal);
        }

        foreach (Match link in Anchor().Matches(html))
        {
            Assert.Contains($"id=\"{link.Groups["id"].Value}\"", html, StringComparison.Ordinal);
        }
    }

    [GeneratedRegex("<(?<kind>style|script)>(?<content>(.|\n)*?)</(style|script)>", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Inline();

    [GeneratedRegex("href=\"#(?<id>[^\"]+)\"", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Anchor();
}
