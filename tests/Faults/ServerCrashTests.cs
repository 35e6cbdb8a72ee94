using Platform.Embedded;
using Platform.Testing;
using Xunit.Abstractions;

namespace Platform.Faults;

/// <summary>PostgreSQL itself crashes, over and over, while events flow through two processes.</summary>
[Collection(EventPathCampaigns.Name)]
public sealed class ServerCrashTests(ITestOutputHelper output)
{
    private const int Crashes = 5;

    [Theory]
    [InlineData(StreamUnderTest.PostgreSql)]
    [InlineData(StreamUnderTest.OnKafka)]
    public async Task Five_crashes_of_the_server(string streamEngine)
    {
        using var folder = new TemporaryFolder();
        await using var server = await EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { DataDirectory = folder.Path, RelaxedDurability = true }, CancellationToken.None);
        var admin = server.AdminConnectionString.Replace("Database=postgres", "Database=platform", StringComparison.Ordinal) + ";Pooling=false";
        var stream = StreamUnderTest.In(new(server.ConnectionString, admin));

        // The waits are the product's own.
        await using var path = await EventPath.CreateAsync(streamEngine == StreamUnderTest.OnKafka ? stream.WithKafka() : stream);
        await path.Ledger.StartAsync(1000);
        await path.StartAsync("both", 2);
        for (var crash = 0; crash < Crashes; crash++)
        {
            await path.ProgressAsync(2000);
            await server.RestartAsync(immediate: true, CancellationToken.None);
        }

        await path.SettleAsync(output, $"server crashed ({streamEngine})", Crashes);
    }
}
