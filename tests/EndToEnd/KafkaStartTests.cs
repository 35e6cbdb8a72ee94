using Platform.Contracts.Events;
using Platform.Testing;

namespace Platform.EndToEnd;

/// <summary>What a person sees whose Kafka is not as it must be.</summary>
public sealed class KafkaStartTests
{
    [Fact]
    public Task Without_the_native_library_one_line_says_where_to_get_it() =>
        EndsAsync("tools/librdkafka", ("ConnectionStrings__kafka", "127.0.0.1:9"), ("PLATFORM_LIBRDKAFKA", "/nowhere/librdkafka.so"));

    [Fact]
    public Task A_property_that_the_guarantees_rest_on_is_refused_by_name() =>
        EndsAsync("enable.idempotence", ("ConnectionStrings__kafka", "bootstrap.servers=127.0.0.1:9;enable.idempotence=false"));

    [Fact]
    public async Task A_topic_with_too_few_partitions_is_named()
    {
        using var kafka = new MockKafka([.. Topics.All.Select(t => t == Topics.Core ? t with { Partitions = 4 } : t)]);
        await EndsAsync("'events.core' has 4 partitions and needs 12", ("ConnectionStrings__kafka", kafka.ConnectionString));
    }

    [Fact]
    public async Task Brokers_that_are_away_delay_events_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        var data = folder.Path + "/data";
        using var kafka = new MockKafka();
        await using (var first = PlatformProcess.StartStandalone(data, null, ("ConnectionStrings__kafka", kafka.ConnectionString)))
        {
            await first.ReadyAsync();
            Assert.Equal(0, await first.TerminateAsync());
        }

        for (var broker = 1; broker <= MockKafka.Brokers; broker++)
        {
            kafka.SetDown(broker);
        }

        await using var second = PlatformProcess.StartStandalone(data, null, ("ConnectionStrings__kafka", kafka.ConnectionString));
        await second.ReadyAsync();
        using var client = second.Client((await File.ReadAllTextAsync(data + "/api-key")).Trim());
        using var created = await client.PostAsync("/v1/resources", new StringContent("""{"type":"order","data":{}}""", null, "application/json"));
        Assert.Equal(System.Net.HttpStatusCode.Created, created.StatusCode);
        for (var broker = 1; broker <= MockKafka.Brokers; broker++)
        {
            kafka.SetUp(broker);
        }

        await Eventually.IsTrueAsync(
            async () => (await client.GetStringAsync("/v1/search?q=order")).Contains("res_", StringComparison.Ordinal), "the event arrives", TimeSpan.FromSeconds(90));
        Assert.Equal(0, await second.TerminateAsync());
    }

    private static async Task EndsAsync(string expected, params (string, string)[] environment)
    {
        using var folder = new TemporaryFolder();
        await using var process = PlatformProcess.StartStandalone(folder.Path + "/data", null, environment);
        await process.ExitsWithAsync(1);
        Assert.Single(process.Output.Split('\n'), line => line.Contains(expected, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", process.Output, StringComparison.Ordinal);
    }
}
