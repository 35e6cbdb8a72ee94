using Platform.Contracts.Events;
using Platform.Testing;

namespace Platform.CoreApi.Tests;

/// <summary>The events of resources are the API's documents; they are what is declared all the same.</summary>
public sealed class DeclaredEventsTests
{
    [Fact]
    public async Task Every_event_of_a_resource_has_its_declared_shape()
    {
        await using var service = await CoreApiFixture.StartAsync();
        using var client = service.Client();
        var path = "/v1/resources/" + (await client.CreatedAsync(labels: """{"env":"dev"}""")).Id;
        using var replaced = await client.SendJsonAsync(HttpMethod.Put, path, """{"type":"order","data":{"n":2}}""");
        Assert.Equal(200, (int)replaced.StatusCode);
        using var deleted = await client.DeleteAsync(path);
        Assert.Equal(204, (int)deleted.StatusCode);
        string[] expected = [EventTypes.ResourceCreated, EventTypes.ResourceUpdated, EventTypes.ResourceDeleted];
        await Eventually.IsTrueAsync(
            async () => expected.SequenceEqual(await DeclaredEvents.CheckAsync(service.Database, Topics.Core)), "every kind of event");
    }
}
