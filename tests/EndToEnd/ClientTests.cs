using System.Text.Json.Nodes;
using Platform.Client;
using Platform.Testing;

namespace Platform.EndToEnd;

/// <summary>The tour of a program instead of a person: local mode through the C# client and through the TypeScript client.</summary>
public sealed class ClientTests
{
    [Fact]
    public async Task Both_clients_take_the_tour()
    {
        var data = TemporaryFolder.Create() + "/data";
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var platform = PlatformProcess.StartStandalone(data);
        await platform.ReadyAsync();
        var key = (await File.ReadAllTextAsync(data + "/api-key")).Trim();
        using var http = new HttpClient { BaseAddress = platform.Url };
        await TourAsync(new(http, new() { Key = key }), receiver);

        var said = await NodeWitness.RunAsync(
            "client-tour.mjs", [new JsonObject { ["url"] = platform.Url.ToString(), ["key"] = key, ["receiver"] = receiver.Url }.ToJsonString()]);
        Assert.Equal("done", said[^1]);
    }

    private static async Task TourAsync(PlatformClient client, WebhookReceiver receiver)
    {
        Assert.Equal("default", (await client.GetOrganizationAsync()).Slug);
        var endpoint = await client.CreateWebhookEndpointAsync(new() { Url = receiver.Url, EventTypes = ["resource.created"] });
        Assert.StartsWith("whsec_", endpoint.Secret, StringComparison.Ordinal);

        var tag = "";
        var made = await client.CreateResourceAsync(
            new() { Type = "order", Data = new JsonObject { ["note"] = "a windmill" }, Labels = new Dictionary<string, string> { ["env"] = "prod" } },
            new() { IdempotencyKey = "order-1", Answered = r => tag = r.Headers.ETag!.Tag });
        var again = await client.CreateResourceAsync(
            new() { Type = "order", Data = new JsonObject { ["note"] = "a windmill" }, Labels = new Dictionary<string, string> { ["env"] = "prod" } }, new() { IdempotencyKey = "order-1" });
        Assert.Equal(made.Id, again.Id);
        var paid = await client.PatchResourceAsync(made.Id, new() { ["data"] = new JsonObject { ["paid"] = true }, ["labels"] = null }, new() { IfMatch = tag });
        Assert.Equal((2, true, 0), ((int)paid.Version, paid.Data!["paid"]!.GetValue<bool>(), paid.Labels.Count));
        var stale = await Assert.ThrowsAsync<PlatformException>(() => client.DeleteResourceAsync(made.Id, new() { IfMatch = tag }));
        Assert.Equal("version_mismatch", stale.Code);

        var versions = new List<long>();
        await foreach (var version in client.ListResourceHistoryAllAsync(made.Id, new() { Limit = 1 }))
        {
            versions.Add(version.Version);
        }

        Assert.Equal([2, 1], versions);

        var job = await client.SubmitJobAsync(new() { Type = "noop", Payload = new JsonObject() });
        await Eventually.IsTrueAsync(async () => (await client.GetJobAsync(job.Id)).State == "succeeded", "the job", TimeSpan.FromSeconds(30));
        await Eventually.IsTrueAsync(
            async () => (await client.ListDeliveriesAsync(endpoint.Id, new() { State = "succeeded" })).Data.Count == 1, "the delivery", TimeSpan.FromSeconds(30));
        var delivery = await client.GetDeliveryAsync((await client.ListDeliveriesAsync(endpoint.Id)).Data[0].Id);
        Assert.Equal(200, Assert.Single(delivery.Attempts).Response!.Status);
        Assert.Equal(delivery.EventId, Assert.Single(receiver.Requests).WebhookId);
        await Eventually.IsTrueAsync(
            async () => (await client.SearchAsync(new() { Q = "windmill", Fields = ["id"] })).Data.Any(h => h.Id == made.Id), "the search", TimeSpan.FromSeconds(30));
        await client.DeleteResourceAsync(made.Id);
        Assert.Equal("not_found", (await Assert.ThrowsAsync<PlatformException>(() => client.GetResourceAsync(made.Id))).Code);
    }
}
