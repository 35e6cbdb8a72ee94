using System.Net.Http.Json;
using System.Text.Json;
using Platform.Contracts.Events;
using Platform.Eventing.Outbox;
using Platform.Testing;

namespace Platform.EndToEnd;

/// <summary>A Kafka client that is not ours (npm <c>kafkajs</c>, with the CloudEvents SDK) on the platform's topics.</summary>
public sealed class KafkaClientTests
{
    [Fact]
    public async Task It_finds_valid_CloudEvents_in_the_partition_of_their_key()
    {
        using var kafka = new MockKafka();
        var data = TemporaryFolder.Create() + "/data";
        await using var platform = PlatformProcess.StartStandalone(data, null, ("ConnectionStrings__kafka", kafka.ConnectionString));
        await platform.ReadyAsync();
        using var client = platform.Client((await File.ReadAllTextAsync(data + "/api-key")).Trim());
        var created = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < 5; i++)
        {
            var answer = await client.PostAsJsonAsync("/v1/resources", new { type = "order", data = new { total = i, note = "größe 🚀" } });
            answer.EnsureSuccessStatusCode();
            var body = await answer.Content.ReadAsStringAsync();
            created[JsonDocument.Parse(body).RootElement.GetProperty("id").GetString()!] = body;
        }

        var lines = await NodeWitness.RunAsync("read-topic.mjs", [JsonSerializer.Serialize(new { brokers = kafka.BootstrapServers, topic = "events.core", count = 5 })]);
        Assert.Equal(5, lines.Count);
        foreach (var line in lines)
        {
            var record = JsonDocument.Parse(line).RootElement;
            Assert.True(record.GetProperty("valid").GetBoolean(), line);
            var read = record.GetProperty("event");
            var subject = read.GetProperty("subject").GetString()!;
            Assert.Equal("1.0", read.GetProperty("specversion").GetString());
            Assert.Equal(EventTypes.ResourceCreated, read.GetProperty("type").GetString());
            Assert.StartsWith("evt_", read.GetProperty("id").GetString(), StringComparison.Ordinal);
            Assert.StartsWith("org_", read.GetProperty("tenantid").GetString(), StringComparison.Ordinal);
            Assert.Equal(subject, record.GetProperty("key").GetString());
            Assert.Equal(subject, read.GetProperty("partitionkey").GetString());
            Assert.Equal(Partitioner.For(subject, Topics.Core.Partitions), record.GetProperty("partition").GetInt32());
            var sent = JsonDocument.Parse(created[subject]).RootElement;
            Assert.True(JsonElement.DeepEquals(sent.GetProperty("data"), read.GetProperty("data").GetProperty("data")), line);
        }
    }
}
