using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Platform.Contracts.Events;
using Platform.Contracts.Identifiers;
using Platform.Eventing.Outbox;
using Platform.Testing;

namespace Platform.Notifications.Tests;

/// <summary>Notifications on its own database and socket, with quick retries; shared by the tests of a class, each with its own tenant.</summary>
public sealed class NotificationsFixture : IAsyncLifetime
{
    public TestService Service { get; private set; } = null!;

    public async Task InitializeAsync() => Service = await StartAsync();

    public async Task DisposeAsync() => await Service.DisposeAsync();

    /// <summary>One more instance on a database.</summary>
    public static Task<TestService> StartAsync(TestDatabase? database = null, params (string Key, string Value)[] settings) =>
        TestService.StartAsync("notifications", s => s.AddNotifications(), a => a.MapNotifications(), database,
            new (string Key, string Value)[]
            {
                ("Webhooks:Retries:0", "00:00:00.020"), ("Webhooks:Retries:1", "00:00:00.020"), ("Webhooks:Retries:2", "00:00:00.020"),
                ("Webhooks:Timeout", "00:00:01"), ("Eventing:Rebalance", "00:00:00.100"), ("Eventing:ElectionRetry", "00:00:00.100"),
                ("Webhooks:CareInterval", "00:00:00.100"), ("Webhooks:CircuitPause", "00:00:00.200"),
                ("PLATFORM_OUTBOUND_ALLOW", "127.0.0.0/8"),
            }.Where(d => settings.All(s => s.Key != d.Key)).Concat(settings));
}

/// <summary>What a caller does, in words.</summary>
internal static class Calls
{
    public static Guid NewTenant() => TypeId.New(TimeProvider.System);

    /// <summary>A new endpoint; <paramref name="more"/> are further fields, with a leading comma.</summary>
    public static async Task<Document> EndpointAsync(this HttpClient client, string url, string more = "")
    {
        using var response = await client.SendJsonAsync(HttpMethod.Post, "/v1/webhook-endpoints", $$"""{"url":"{{url}}"{{more}}}""");
        Assert.Equal(201, (int)response.StatusCode);
        return await response.DocumentAsync();
    }

    public static async Task<Document> PostedAsync(this HttpClient client, string path, int status)
    {
        using var response = await client.SendJsonAsync(HttpMethod.Post, path);
        Assert.Equal(status, (int)response.StatusCode);
        return await response.DocumentAsync();
    }

    /// <summary>The deliveries of an endpoint, the latest event first.</summary>
    public static async Task<Document[]> DeliveriesAsync(this HttpClient client, Document endpoint, string query = "")
    {
        var list = await client.GetDocumentAsync($"/v1/webhook-endpoints/{endpoint.Id}/deliveries{query}");
        return [.. list["data"].EnumerateArray().Select(d => new Document(d.GetRawText(), d))];
    }

    /// <summary>The only delivery of an endpoint with its attempts, once it is in this state.</summary>
    public static Task<Document> DeliveryAsync(this HttpClient client, Document endpoint, string state) =>
        Eventually.GetAsync<Document>(async () =>
        {
            var found = await client.DeliveriesAsync(endpoint);
            return found.Length > 0 && found.Single()["state"].GetString() == state
                ? await client.GetDocumentAsync("/v1/deliveries/" + found.Single().Id)
                : null;
        }, $"delivery is {state}");

    /// <summary>Commits an event, as another service would; returns its id.</summary>
    public static async Task<string> PublishAsync(
        this TestService service, Guid tenant, string data = """{"id":"res_1","labels":{"env":"prod"}}""", string type = EventTypes.ResourceCreated)
    {
        var message = OutboxMessage.FromJson(type, Topics.Core, "core", tenant, "res_1", Encoding.UTF8.GetBytes(data), TimeProvider.System);
        await service.AppendAsync(message);
        return TypeId.Format(IdPrefix.Event, message.Id);
    }

    /// <summary>An event about a subject, numbered.</summary>
    public static OutboxMessage Event(Guid tenant, string subject, int number) => OutboxMessage.FromJson(
        EventTypes.ResourceUpdated, Topics.Core, "core", tenant, subject, Encoding.UTF8.GetBytes($$"""{"id":"{{subject}}","n":{{number}}}"""), TimeProvider.System);

    /// <summary>Commits events in one transaction.</summary>
    public static Task AppendAsync(this TestService service, params OutboxMessage[] messages) =>
        service.Services.GetRequiredService<NotificationsDatabase>().AppendAsync(messages);
}
