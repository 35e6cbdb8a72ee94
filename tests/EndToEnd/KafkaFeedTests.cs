using System.Net.Http.Json;
using System.Text.Json;
using Platform.Testing;

namespace Platform.EndToEnd;

/// <summary>The event feed where events travel by Kafka: the same positions, the same order.</summary>
public sealed class KafkaFeedTests
{
    [Fact]
    public async Task The_feed_is_numbered_without_a_hole_and_followed_live()
    {
        const int count = 20;
        using var kafka = new MockKafka();
        using var folder = new TemporaryFolder();
        var data = folder.Path + "/data";
        await using var platform = PlatformProcess.StartStandalone(data, null, ("ConnectionStrings__kafka", kafka.ConnectionString));
        await platform.ReadyAsync();
        using var client = platform.Client((await File.ReadAllTextAsync(data + "/api-key")).Trim());
        using var stream = await client.GetAsync("/v1/events/stream?type=resource.*", HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await stream.Content.ReadAsStreamAsync());
        var ids = new List<string>();
        for (var i = 0; i < count; i++)
        {
            using var answer = await client.PostAsJsonAsync("/v1/resources", new { type = "order", data = new { total = i } });
            answer.EnsureSuccessStatusCode();
            ids.Add(JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("id").GetString()!);
        }

        var events = new List<JsonElement>();
        while (events.Count < count)
        {
            var line = await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30));
            Assert.NotNull(line);
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                events.Add(JsonDocument.Parse(line["data: ".Length..]).RootElement);
            }
        }

        Assert.Equal(Enumerable.Range(1, count), events.Select(e => e.GetProperty("position").GetInt32()));
        Assert.Equal(ids.Order(StringComparer.Ordinal), events.Select(e => e.GetProperty("subject").GetString()!).Order(StringComparer.Ordinal));

        // SIGTERM with an open stream: it ends, and so does the process, well.
        Assert.Equal(0, await platform.TerminateAsync());
        string? last;
        do
        {
            last = await reader.ReadLineAsync();
        }
        while (last is not null);
    }
}
