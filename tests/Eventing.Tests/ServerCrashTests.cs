using Npgsql;
using Platform.Embedded;
using Platform.Testing;

namespace Platform.Eventing.Tests;

/// <summary>PostgreSQL itself crashes, over and over, while events flow.</summary>
public sealed class ServerCrashTests
{
    private const int Events = 4000;
    private const int Crashes = 5;

    [Fact]
    public async Task Every_acknowledged_event_has_one_effect_in_order()
    {
        var data = TemporaryFolder.Create();
        await using var server = await EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { DataDirectory = data, RelaxedDurability = true }, CancellationToken.None);
        var database = new TestDatabase(server.ConnectionString, server.AdminConnectionString.Replace("Database=postgres", "Database=platform", StringComparison.Ordinal) + ";Pooling=false");
        await using var instance = await SampleInstance.StartAsync(database);

        var acknowledged = new List<int>[8];
        var publishing = Task.WhenAll(Enumerable.Range(0, acknowledged.Length).Select(k => Task.Run(async () =>
        {
            acknowledged[k] = [];
            for (var n = 1; n <= Events / acknowledged.Length; n++)
            {
                try
                {
                    await instance.PublishAsync($"key{k}", n);
                    acknowledged[k].Add(n);
                }
                catch (NpgsqlException)
                {
                    // Not acknowledged: it may be there or not, but never twice.
                    await Task.Delay(50);
                }
            }
        })));
        for (var crash = 0; crash < Crashes; crash++)
        {
            var before = await TryCountAsync(instance);
            await Eventually.IsTrueAsync(
                async () => publishing.IsCompleted || await TryCountAsync(instance) >= before + 400, "some more effects", TimeSpan.FromSeconds(60));
            await server.RestartAsync(immediate: true, CancellationToken.None);
        }

        await publishing;
        for (var k = 0; k < acknowledged.Length; k++)
        {
            int[] effects = [];
            await Eventually.IsTrueAsync(
                async () => acknowledged[k].ToHashSet().IsSubsetOf(effects = await instance.EffectsAsync($"key{k}")), $"every effect of key{k}", TimeSpan.FromSeconds(60));
            Assert.Equal(effects.Order().Distinct(), effects);
        }

        Assert.Equal(0L, await instance.CountAsync("sample.dead_event"));
    }

    private static async Task<long> TryCountAsync(SampleInstance instance)
    {
        try
        {
            return await instance.CountAsync("sample.effect");
        }
        catch (NpgsqlException)
        {
            return 0;
        }
    }
}
