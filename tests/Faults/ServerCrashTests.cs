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
    public async Task Five_crashes_of_the_server(string streamEngine)
    {
        Assert.Equal(StreamUnderTest.PostgreSql, streamEngine);
        await using var server = await EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { DataDirectory = TemporaryFolder.Create(), RelaxedDurability = true }, CancellationToken.None);
        var admin = server.AdminConnectionString.Replace("Database=postgres", "Database=platform", StringComparison.Ordinal) + ";Pooling=false";

        // The waits are the product's own.
        await using var path = await EventPath.CreateAsync(StreamUnderTest.In(new(server.ConnectionString, admin)));
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
