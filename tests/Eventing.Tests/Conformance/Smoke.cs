using Platform.Testing;
namespace Platform.Eventing.Tests;
public sealed class KafkaSmoke
{
    [Fact]
    public async Task Works()
    {
        using var kafka = new MockKafka();
        await using var instance = await SampleInstance.StartAsync(kafka: kafka.BootstrapServers);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async k =>
        {
            for (var n = 1; n <= 50; n++)
            {
                await instance.PublishAsync($"key{k}", n);
            }
        }));
        await Eventually.IsTrueAsync(async () => await instance.CountAsync("sample.effect") == 400, "400 effects");
    }
}
