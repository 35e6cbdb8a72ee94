using System.Net;
using System.Text.Json;
using Platform.Contracts.Events;
using Platform.Testing;

namespace Platform.CoreApi.Tests;

/// <summary>Many writes at once, each with its outcome, or all or none.</summary>
public sealed class BatchTests(CoreApiFixture fixture) : IClassFixture<CoreApiFixture>
{
    [Fact]
    public async Task Every_operation_has_its_outcome()
    {
        using var client = fixture.Service.Client();
        var one = await client.CreatedAsync(data: """{"n":1}""", labels: """{"env":"dev"}""");
        var two = await client.CreatedAsync(data: """{"n":2}""");
        var results = await ResultsAsync(client, $$"""
            {"op":"create","type":"order","data":{"a":"ü"},"labels":{"env":"prod"} },
            {"op":"replace","id":"{{one.Id}}","data":{"n":10},"labels":{"env":"test"},"if_version":1},
            {"op":"patch","id":"{{two.Id}}","data":{"m":3},"labels":{"env":"test"} },
            {"op":"delete","id":"{{two.Id}}"},
            {"op":"patch","id":"{{two.Id}}","data":{} },
            {"op":"restore","id":"{{two.Id}}","version":2},
            {"op":"patch","id":"{{one.Id}}","if_version":1,"data":{"n":11} },
            {"op":"delete","id":"res_01h455vb4pex5vsknk084sn02q"},
            {"op":"create","type":"A","data":[],"x":1},
            {"op":"merge"}, 7
            """);
        Assert.Equal([201, 200, 200, 204, 404, 200, 412, 404, 400, 400, 400], results.Select(r => r.GetProperty("status").GetInt32()));
        Assert.Equal(Enumerable.Range(0, 11), results.Select(r => r.GetProperty("index").GetInt32()));
        Assert.Equal("version_mismatch", results[6].GetProperty("error").GetProperty("code").GetString());
        Assert.Equal(["/operations/8/type", "/operations/8/data", "/operations/8/x"],
            results[8].GetProperty("error").GetProperty("errors").EnumerateArray().Select(e => e.GetProperty("pointer").GetString()));

        var created = results[0].GetProperty("resource");
        Assert.Equal(created.GetRawText(), (await client.GetDocumentAsync("/v1/resources/" + created.GetProperty("id").GetString())).Text);
        Assert.Equal(results[1].GetProperty("resource").GetRawText(), (await client.GetDocumentAsync("/v1/resources/" + one.Id)).Text);
        Assert.Equal(results[5].GetProperty("resource").GetRawText(), (await client.GetDocumentAsync("/v1/resources/" + two.Id)).Text);
        var history = (await client.GetDocumentAsync($"/v1/resources/{two.Id}/history"))["data"].EnumerateArray().ToArray();
        Assert.Equal(["restored 4", "deleted 3", "patched 2", "created 1"], history.Select(v => $"{v.GetProperty("change")} {v.GetProperty("version")}"));
        Assert.Equal("""{"n":2,"m":3}""", history[0].GetProperty("data").GetRawText());
        Assert.Equal(2, (await client.GetDocumentAsync("/v1/resources?label=env:test"))["data"].GetArrayLength());
        Assert.Equal(3, (await client.CountsAsync())["order"]);
    }

    [Theory]
    [InlineData("""{"op":"delete","id":"res_01h455vb4pex5vsknk084sn02q"}""", 409, "/operations/1 not_found")]
    [InlineData("""{"op":"create","type":"order","data":7}""", 422, "/operations/1/data wrong_type")]
    [InlineData("""{"op":"restore","id":"{id}","version":9}""", 409, "/operations/1 not_found")]
    [InlineData("""{"op":"patch","id":"{id}","if_version":7}""", 409, "/operations/1 version_mismatch")]
    [InlineData("""{"op":"replace","id":"{id}","type":"other","data":{}}""", 422, "/operations/1/type immutable")]
    public async Task An_atomic_batch_writes_everything_or_nothing(string operation, int status, string fault)
    {
        using var client = fixture.Service.Client();
        var id = (await client.CreatedAsync()).Id;
        using var refused = await client.BatchAsync(
            $$"""{"op":"create","type":"order","data":{} },{{operation.Replace("{id}", id, StringComparison.Ordinal)}},{"op":"delete","id":"{{id}}"}""",
            atomic: true);
        Assert.Equal(status, (int)refused.StatusCode);
        var problem = await refused.DocumentAsync();
        Assert.Equal("batch_failed", problem["code"].GetString());
        Assert.Equal(fault, string.Join(';', problem["errors"].EnumerateArray().Select(e => $"{e.GetProperty("pointer")} {e.GetProperty("code")}")));
        Assert.Equal([id], (await client.GetDocumentAsync("/v1/resources"))["data"].EnumerateArray().Select(r => r.GetProperty("id").GetString()));

        using var done = await client.BatchAsync($$"""{"op":"create","type":"order","data":{} },{"op":"delete","id":"{{id}}"}""", atomic: true);
        Assert.Equal(HttpStatusCode.OK, done.StatusCode);
        Assert.Equal(1, (await client.CountsAsync())["order"]);
    }

    [Fact]
    public async Task The_same_batch_happens_once()
    {
        using var client = fixture.Service.Client();
        const string Operations = """{"op":"create","type":"order","data":{}},{"op":"delete","id":"res_01h455vb4pex5vsknk084sn02q"}""";
        using var first = await client.BatchAsync(Operations, idempotencyKey: "b");
        using var again = await client.BatchAsync(Operations, idempotencyKey: "b");
        Assert.True(again.Headers.Contains("Idempotency-Replayed"));
        Assert.Equal(await first.Content.ReadAsStringAsync(), await again.Content.ReadAsStringAsync());
        Assert.Equal(1, (await client.GetDocumentAsync("/v1/resources"))["data"].GetArrayLength());
    }

    [Fact]
    public async Task Another_tenants_resource_is_not_there()
    {
        using var owner = fixture.Service.Client();
        using var stranger = fixture.Service.Client();
        var id = (await owner.CreatedAsync()).Id;
        var results = await ResultsAsync(stranger, $$"""
            {"op":"replace","id":"{{id}}","data":{} },{"op":"patch","id":"{{id}}"},{"op":"delete","id":"{{id}}"},{"op":"restore","id":"{{id}}","version":1}
            """);
        Assert.All(results, r => Assert.Equal(404, r.GetProperty("status").GetInt32()));
        Assert.Equal(1, (await owner.GetDocumentAsync("/v1/resources/" + id))["version"].GetInt32());
    }

    [Fact]
    public async Task A_thousand_operations_are_a_thousand_events_in_order()
    {
        await using var service = await CoreApiFixture.StartAsync();
        using var client = service.Client();
        var results = await ResultsAsync(client, string.Join(',', Enumerable.Range(0, 990).Select(i => $$"""{"op":"create","type":"t{{i % 3}}","data":{"i":{{i}}} }""")));
        var id = results[0].GetProperty("resource").GetProperty("id").GetString();
        Assert.Equal(results.Take(200).Select(r => r.GetProperty("resource").GetRawText()),
            (await client.GetDocumentAsync("/v1/resources?limit=200"))["data"].EnumerateArray().Select(r => r.GetRawText()));
        await ResultsAsync(client, string.Join(',', Enumerable.Range(0, 10).Select(i => $$"""{"op":"patch","id":"{{id}}","data":{"i":{{i}}},"if_version":{{i + 1}} }""")));
        Assert.Equal(new Dictionary<string, long> { ["t0"] = 330, ["t1"] = 330, ["t2"] = 330 }, await client.CountsAsync());
        var events = (IReadOnlyList<string>)[];
        await Eventually.IsTrueAsync(
            async () => (events = [.. await DeclaredEvents.CheckAsync(service.Database, Topics.Core)]).Count == 1000, "a thousand events");
        Assert.Equal((990, 10), (events.Count(e => e == EventTypes.ResourceCreated), events.Count(e => e == EventTypes.ResourceUpdated)));
        Assert.Equal(11, (await client.GetDocumentAsync($"/v1/resources/{id}/history"))["data"].GetArrayLength());
    }

    /// <summary>Each batch names the same resources in an order of its own; locks are taken in one order.</summary>
    [Fact]
    public async Task Batches_that_cross_do_not_deadlock_and_lose_nothing()
    {
        using var client = fixture.Service.Client();
        var ids = new List<string>();
        for (var i = 0; i < 8; i++)
        {
            ids.Add((await client.CreatedAsync(data: """{"n":0}""")).Id);
        }

        const int Writers = 16;
        const int Rounds = 5;
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(async writer =>
        {
            var order = ids.Skip(writer % 8).Concat(ids.Take(writer % 8)).ToArray();
            for (var round = 0; round < Rounds; round++)
            {
                var results = await ResultsAsync(client,
                    string.Join(',', order.Select(id => $$"""{"op":"patch","id":"{{id}}","data":{"w{{writer}}":{{round}}} }""")));
                Assert.All(results, r => Assert.Equal(200, r.GetProperty("status").GetInt32()));
            }
        }));
        foreach (var id in ids)
        {
            Assert.Equal(1 + (Writers * Rounds), (await client.GetDocumentAsync("/v1/resources/" + id))["version"].GetInt32());
        }
    }

    [Fact]
    public async Task A_small_batch_that_touches_too_much_is_refused()
    {
        using var client = fixture.Service.Client();
        var id = (await client.CreatedAsync(data: $$"""{"s":"{{new string('x', 900_000)}}"}""")).Id;
        using var refused = await client.BatchAsync(string.Join(',', Enumerable.Repeat($$"""{"op":"patch","id":"{{id}}","data":{"a":1} }""", 30)));
        Assert.Equal((422, "batch_too_large"), ((int)refused.StatusCode, (await refused.DocumentAsync())["code"].GetString()));
        Assert.Equal(1, (await client.GetDocumentAsync("/v1/resources/" + id))["version"].GetInt32());
    }

    private static async Task<JsonElement[]> ResultsAsync(HttpClient client, string operations)
    {
        using var response = await client.BatchAsync(operations);
        var answer = await response.DocumentAsync();
        Assert.True(response.StatusCode == HttpStatusCode.OK, answer.Text);
        var results = answer["results"].EnumerateArray().ToArray();
        Assert.Equal(results.Count(r => r.TryGetProperty("error", out _)), answer["failed"].GetInt32());
        return results;
    }
}
