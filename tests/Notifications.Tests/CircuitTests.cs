using System.Diagnostics;
using Platform.Contracts.Events;
using Platform.Contracts.Identifiers;

namespace Platform.Notifications.Tests;

/// <summary>An endpoint that fails is left alone, found well again, and in the end disabled; by all instances together.</summary>
public sealed class CircuitTests
{
    private static readonly (string, string)[] Quick =
    [
        ("Webhooks:CircuitFailures", "5"), ("Webhooks:CircuitPause", "00:00:00.200"), ("Webhooks:CircuitLongestPause", "00:00:00.400"),
    ];

    private readonly Guid _tenant = Calls.NewTenant();

    [Fact]
    public async Task A_thousand_for_a_dead_endpoint_keep_their_attempts_and_drain_step_by_step_when_it_is_back()
    {
        const int Events = 1000;
        await using var service = await NotificationsFixture.StartAsync(null, Quick);
        await using var second = await NotificationsFixture.StartAsync(service.Database, Quick);
        using var client = service.Client(_tenant);
        var back = false;
        await using var dead = await Receiver.StartAsync((http, n) => Receiver.Status(Volatile.Read(ref back) ? 200 : 500)(http, n));
        await using var healthy = await Receiver.StartAsync();
        var endpoint = await client.EndpointAsync(dead.Url);
        await client.EndpointAsync(healthy.Url);
        await service.AppendAsync([.. Enumerable.Range(0, Events).Select(n => Calls.Event(_tenant, $"res_{n}", n))]);
        await healthy.WaitAsync(Events, TimeSpan.FromSeconds(60));
        await Eventually.IsTrueAsync(async () => await HeldAsync(service, endpoint) >= Events * 9 / 10, "held back");

        // Five failures open it; what both instances had in hand at that moment came on top, and a probe now and then.
        Assert.InRange(dead.Count, 5, 60);
        Assert.True(await CountAsync(service, endpoint, "attempts = 0") >= Events - 100);
        var health = (await client.GetDocumentAsync("/v1/webhook-endpoints/" + endpoint.Id))["health"];
        Assert.Contains(health.GetProperty("state").GetString(), (string[])["open", "half_open"]);
        Assert.InRange(health.GetProperty("consecutive_failures").GetInt32(), 5, 200);
        Assert.True(health.GetProperty("failing_since").GetDateTimeOffset() <= health.GetProperty("last_failure_at").GetDateTimeOffset());
        Assert.Contains("circuit_open", (await client.DeliveriesAsync(endpoint, "?state=pending&limit=200")).Select(d => d["reason"].GetString()));

        Volatile.Write(ref back, true);
        var started = Stopwatch.GetTimestamp();
        await Eventually.IsTrueAsync(async () => await CountAsync(service, endpoint, "state = 'pending'") == 0, "all ended", TimeSpan.FromSeconds(60));

        // 1, 2, 4, ... 512: nine pauses of a tenth of a second at least.
        Assert.True(Stopwatch.GetElapsedTime(started) > TimeSpan.FromMilliseconds(800));
        await Eventually.IsTrueAsync(async () =>
            (await client.GetDocumentAsync("/v1/webhook-endpoints/" + endpoint.Id))["health"].GetProperty("state").GetString() == "closed", "closed again");
        var well = (await client.GetDocumentAsync("/v1/webhook-endpoints/" + endpoint.Id))["health"];
        Assert.Equal(0, well.GetProperty("consecutive_failures").GetInt32());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, well.GetProperty("failing_since").ValueKind);

        // Those that were tried while it was dead may have used up their attempts; no other has failed.
        Assert.True(await CountAsync(service, endpoint, "state = 'succeeded'") >= Events - 30);
        Assert.Equal(Events, await CountAsync(service, endpoint, "true"));
    }

    [Fact]
    public async Task While_it_is_open_one_probe_at_a_time_is_sent_and_nothing_else()
    {
        await using var service = await NotificationsFixture.StartAsync(null, [.. Quick, ("Webhooks:Timeout", "00:00:30"), ("Webhooks:Retries:0", "01:00:00")]);
        await using var second = await NotificationsFixture.StartAsync(service.Database, [.. Quick, ("Webhooks:Timeout", "00:00:30"), ("Webhooks:Retries:0", "01:00:00")]);
        using var client = service.Client(_tenant);
        var mode = 500;
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var receiver = await Receiver.StartAsync(async (http, n) =>
        {
            if (Volatile.Read(ref mode) == 0)
            {
                await go.Task;
                return;
            }

            http.Response.StatusCode = Volatile.Read(ref mode);
        });
        await using var healthy = await Receiver.StartAsync();
        var endpoint = await client.EndpointAsync(receiver.Url);
        await client.EndpointAsync(healthy.Url);
        await service.AppendAsync([.. Enumerable.Range(0, 50).Select(n => Calls.Event(_tenant, $"res_{n}", n))]);
        await StateAsync(client, endpoint, "open");
        Volatile.Write(ref mode, 0);
        await StateAsync(client, endpoint, "half_open");
        await Eventually.IsTrueAsync(async () => await service.Database.ScalarAsync<long>(
            $"SELECT count(*) FROM notifications.work_item w JOIN notifications.endpoint e ON e.probe_id = w.id WHERE e.tenant_id = '{_tenant}' AND w.state = 2") == 1, "the probe is on its way");
        await Eventually.IsTrueAsync(async () => await service.Database.ScalarAsync<long>(
            $"SELECT count(*) FROM notifications.work_item WHERE tenant_id = '{_tenant}' AND state = 2") == 1, "nothing else is");
        await Eventually.IsTrueAsync(() => receiver.Count > 0, "it has come");
        var sent = receiver.Count;

        // However much comes meanwhile, and is delivered elsewhere.
        await service.AppendAsync([.. Enumerable.Range(50, 50).Select(n => Calls.Event(_tenant, $"res_{n}", n))]);
        await healthy.WaitAsync(100);
        Assert.InRange(receiver.Count, sent, sent + 1);
        Assert.Equal("half_open", (await client.GetDocumentAsync("/v1/webhook-endpoints/" + endpoint.Id))["health"].GetProperty("state").GetString());

        // A test is somebody who asks: it goes.
        Volatile.Write(ref mode, 200);
        await client.PostedAsync($"/v1/webhook-endpoints/{endpoint.Id}:test", 202);
        await Eventually.IsTrueAsync(() => receiver.All.Any(r => r.Json.GetProperty("type").GetString() == "webhook.test"), "the test");
        go.SetResult();
        await StateAsync(client, endpoint, "closed");
        await Eventually.IsTrueAsync(async () => await HeldAsync(service, endpoint) == 0, "none waits");
    }

    [Fact]
    public async Task One_that_only_fails_is_announced_and_disabled_once_and_enabling_begins_anew()
    {
        (string, string)[] settings = [.. Quick, ("Webhooks:DisableAfter", "00:00:02")];
        await using var service = await NotificationsFixture.StartAsync(null, settings);
        await using var second = await NotificationsFixture.StartAsync(service.Database, settings);
        using var client = service.Client(_tenant);
        await using var dead = await Receiver.StartAsync(Receiver.Status(500));
        await using var watcher = await Receiver.StartAsync();
        var endpoint = await client.EndpointAsync(dead.Url);
        await client.EndpointAsync(watcher.Url, ""","event_types":["webhook.endpoint.*"]""");
        await service.AppendAsync([.. Enumerable.Range(0, 60).Select(n => Calls.Event(_tenant, $"res_{n}", n))]);
        await watcher.WaitAsync(2);
        var told = watcher.All;
        Assert.Equal([EventTypes.WebhookEndpointFailing, EventTypes.WebhookEndpointDisabled], told.Select(t => t.Json.GetProperty("type").GetString()));
        Assert.All(told, t => Assert.Equal(endpoint.Id, t.Json.GetProperty("data").GetProperty("id").GetString()));
        Assert.Equal("failing", told[1].Json.GetProperty("data").GetProperty("reason").GetString());
        var disabled = await client.GetDocumentAsync("/v1/webhook-endpoints/" + endpoint.Id);
        Assert.True(disabled["disabled"].GetBoolean());
        Assert.Equal("failing", disabled["disabled_reason"].GetString());
        Assert.Equal(2, disabled["version"].GetInt32());
        await Eventually.IsTrueAsync(async () => await CountAsync(service, endpoint, "state = 'pending'") == 0, "nothing waits for a disabled one");
        Assert.True(await CountAsync(service, endpoint, "state = 'failed' AND reason = 'endpoint_disabled'") > 0);
        Assert.Equal(2, watcher.Count);

        var enabled = await client.PostedAsync($"/v1/webhook-endpoints/{endpoint.Id}:enable", 200);
        var health = enabled["health"];
        Assert.Equal("closed 0", $"{health.GetProperty("state")} {health.GetProperty("consecutive_failures")}");
        Assert.Equal(System.Text.Json.JsonValueKind.Null, health.GetProperty("failing_since").ValueKind);
        dead.Answer = Receiver.Status(200);
        await service.PublishAsync(_tenant);
        await Eventually.IsTrueAsync(async () => await CountAsync(service, endpoint, "state = 'succeeded'") == 1, "sent again");
    }

    [Fact]
    public async Task One_that_fails_now_and_then_stays_as_it_is()
    {
        await using var service = await NotificationsFixture.StartAsync(null, Quick);
        using var client = service.Client(_tenant);
        await using var receiver = await Receiver.StartAsync((http, n) => Receiver.Status(n % 3 == 0 ? 200 : 500)(http, n));
        var endpoint = await client.EndpointAsync(receiver.Url, ""","ordering":"subject" """);
        await service.AppendAsync([.. Enumerable.Range(0, 6).Select(n => Calls.Event(_tenant, "res_1", n))]);
        await Eventually.IsTrueAsync(async () => await CountAsync(service, endpoint, "state = 'succeeded'") == 6, "all of them");
        var health = (await client.GetDocumentAsync("/v1/webhook-endpoints/" + endpoint.Id))["health"];
        Assert.Equal("closed 0", $"{health.GetProperty("state")} {health.GetProperty("consecutive_failures")}");
        Assert.Equal(18, receiver.Count);
    }

    [Fact]
    public async Task What_waits_for_a_dead_endpoint_ends_when_that_is_deleted()
    {
        await using var service = await NotificationsFixture.StartAsync(null, ("Webhooks:CircuitFailures", "5"), ("Webhooks:CircuitPause", "01:00:00"));
        using var client = service.Client(_tenant);
        await using var dead = await Receiver.StartAsync(Receiver.Status(500));
        var endpoint = await client.EndpointAsync(dead.Url);
        await service.AppendAsync([.. Enumerable.Range(0, 100).Select(n => Calls.Event(_tenant, $"res_{n}", n))]);
        await Eventually.IsTrueAsync(async () => await HeldAsync(service, endpoint) > 50, "held back");
        using var deleted = await client.DeleteAsync("/v1/webhook-endpoints/" + endpoint.Id);
        await Eventually.IsTrueAsync(async () => await CountAsync(service, endpoint, "state = 'pending'") == 0, "all ended");
        Assert.True(await CountAsync(service, endpoint, "reason = 'endpoint_deleted'") > 50);
    }

    [Fact]
    public async Task A_rate_holds_over_two_instances()
    {
        await using var service = await NotificationsFixture.StartAsync();
        await using var second = await NotificationsFixture.StartAsync(service.Database);
        await using var receiver = await Receiver.StartAsync();
        var ends = new List<long>();
        receiver.Answer = (_, _) =>
        {
            lock (ends)
            {
                ends.Add(Stopwatch.GetTimestamp());
            }

            return Task.CompletedTask;
        };
        await service.Client(_tenant).EndpointAsync(receiver.Url, ""","rate_limit":40""");
        await service.AppendAsync([.. Enumerable.Range(0, 121).Select(n => Calls.Event(_tenant, $"res_{n}", n))]);
        await receiver.WaitAsync(121, TimeSpan.FromSeconds(60));

        // Never quicker than the rate, but for the places of a tenth of a second; how much slower is a matter of the machine.
        lock (ends)
        {
            Assert.True(Stopwatch.GetElapsedTime(ends[0], ends[^1]) > TimeSpan.FromSeconds(2.6));
        }
    }

    private static Task StateAsync(HttpClient client, Document endpoint, string state) => Eventually.IsTrueAsync(async () =>
        (await client.GetDocumentAsync("/v1/webhook-endpoints/" + endpoint.Id))["health"].GetProperty("state").GetString() == state, state);

    private static Task<long> HeldAsync(TestService service, Document endpoint) => CountAsync(service, endpoint, "state = 'pending' AND reason = 'circuit_open'");

    private static Task<long> CountAsync(TestService service, Document endpoint, string condition)
    {
        Assert.True(TypeId.TryParse(IdPrefix.WebhookEndpoint, endpoint.Id, out var id));
        return service.Database.ScalarAsync<long>($"SELECT count(*) FROM notifications.delivery WHERE endpoint_id = '{id}' AND {condition}");
    }
}
