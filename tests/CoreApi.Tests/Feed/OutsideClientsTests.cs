using System.Text.Json;
using Platform.Contracts.Events;
using Platform.Testing;

namespace Platform.CoreApi.Tests.Feed;

/// <summary>The feed as clients see it that others wrote: <c>eventsource</c>, <c>ws</c> and <c>@msgpack/msgpack</c> from npm.</summary>
public sealed class OutsideClientsTests(CoreApiFixture fixture) : IClassFixture<CoreApiFixture>
{
    [Fact]
    public async Task All_of_them_read_the_same_events()
    {
        var tenant = Publishing.NewTenant();
        var service = fixture.Service;
        string[] data =
        [
            """{"n":[0,1,127,128,255,256,65535,65536,4294967295,4294967296,9007199254740991,-1,-32,-33,-128,-129,-32768,-32769,-2147483648,-2147483649,-9007199254740991]}""",
            """{"f":[0.5,-1.25,1e300,3.0e-5],"t":true,"f2":false,"nothing":null,"empty":[{},[],""]}""",
            $$"""{"s":["{{new string('a', 31)}}","{{new string('b', 32)}}","{{new string('c', 255)}}","{{new string('d', 256)}}","{{new string('e', 70_000)}}","\u00fc\ud83d\ude00\n\"\\"]}""",
            $$"""{"a":[{{string.Join(',', Enumerable.Range(0, 16))}}],"b":[{{string.Join(',', Enumerable.Range(0, 70_000))}}],"m":{{{string.Join(',', Enumerable.Range(0, 20).Select(i => $"\"k{i}\":{i}"))}}} }""",
        ];
        foreach (var one in data)
        {
            await service.PublishAsync(tenant, EventTypes.JobCreated, "job_1", one);
        }

        await service.PublishAsync(tenant, 40);
        await service.RecordedAsync(tenant, 44);
        using var client = service.Client(tenant);
        var list = (await client.GetDocumentAsync("/v1/events?limit=200"))["data"].EnumerateArray().ToList();
        Assert.Equal(44, list.Count);
        var lines = await NodeWitness.RunAsync(
            "follow-feed.mjs", [JsonSerializer.Serialize(new { url = service.BaseAddress.AbsoluteUri, token = TestAuthenticator.Token(tenant), count = list.Count })]);
        foreach (var name in new[] { "sse", "json", "msgpack" })
        {
            var seen = lines.Where(l => l.StartsWith(name + " ", StringComparison.Ordinal)).Select(l => JsonDocument.Parse(l[(name.Length + 1)..]).RootElement).ToList();
            Assert.Equal(list.Count, seen.Count);
            Assert.All(list.Zip(seen), pair => Assert.True(JsonElement.DeepEquals(pair.First, pair.Second), $"{name}: {pair.Second}"));
        }

        Assert.Equal(["""errors ["/typo"]""", """errors ["/typo"]"""], lines.Where(l => l.StartsWith("errors", StringComparison.Ordinal)));
    }
}
