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

    [Fact]
    public async Task A_job_that_it_submits_three_times_runs_once()
    {
        using var kafka = new MockKafka();
        using var folder = new TemporaryFolder();
        var data = folder.Path + "/data";
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var platform = PlatformProcess.StartStandalone(data, null, ("ConnectionStrings__kafka", kafka.ConnectionString));
        await platform.ReadyAsync();
        using var client = platform.Client((await File.ReadAllTextAsync(data + "/api-key")).Trim());

        // The organization is what the platform's own events say.
        (await client.PostAsJsonAsync("/v1/resources", new { type = "order", data = new { } })).EnsureSuccessStatusCode();
        var own = await NodeWitness.RunAsync("read-topic.mjs", [JsonSerializer.Serialize(new { brokers = kafka.BootstrapServers, topic = "events.core", count = 1 })]);
        var tenant = JsonDocument.Parse(own[0]).RootElement.GetProperty("event").GetProperty("tenantid").GetString();

        var now = TimeProvider.System.GetUtcNow();
        var headers = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ce_specversion"] = "1.0", ["ce_type"] = "job.submitted", ["ce_source"] = "/shop", ["ce_id"] = Guid.CreateVersion7(now).ToString(),
            ["ce_time"] = now.ToString("O"), ["ce_tenantid"] = tenant!, ["content-type"] = "application/json",
        };
        var value = JsonSerializer.Serialize(new { type = "http.request", payload = new { method = "POST", url = receiver.Url, body = "ship it" } });
        await NodeWitness.RunAsync("publish.mjs", [JsonSerializer.Serialize(new { brokers = kafka.BootstrapServers, topic = "jobs.default", key = "order-1", headers, value, times = 3 })]);

        // What comes behind it on the same key has been handled after it.
        headers["ce_id"] = Guid.CreateVersion7(now.AddMilliseconds(1)).ToString();
        var last = JsonSerializer.Serialize(new { type = "noop", payload = new { } });
        await NodeWitness.RunAsync("publish.mjs", [JsonSerializer.Serialize(new { brokers = kafka.BootstrapServers, topic = "jobs.default", key = "order-1", headers, value = last, times = 1 })]);
        JsonElement[] jobs = [];
        await Eventually.IsTrueAsync(async () =>
        {
            jobs = [.. (await client.GetFromJsonAsync<JsonElement>("/v1/jobs")).GetProperty("data").EnumerateArray()];
            return jobs.Length >= 2 && jobs.All(j => j.GetProperty("state").GetString() == "succeeded");
        }, "both jobs are done", TimeSpan.FromSeconds(60));
        Assert.Equal(2, jobs.Length);
        Assert.Equal("ship it", Assert.Single(receiver.Requests).Body);
    }
}
