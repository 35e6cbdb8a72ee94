using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Platform.Notifications.Deliveries;

namespace Platform.Notifications.Tests;

/// <summary>An endpoint that wants the events of a subject in their order gets them so, whatever happens.</summary>
public sealed class OrderTests(NotificationsFixture fixture) : IClassFixture<NotificationsFixture>
{
    private const string Ordered = ""","ordering":"subject" """;
    private readonly Guid _tenant = Calls.NewTenant();
    private HttpClient Client => fixture.Service.Client(_tenant);

    [Fact]
    public async Task Two_instances_and_failing_attempts_keep_the_order_of_each_subject()
    {
        const int Subjects = 6;
        const int Each = 25;
        await using var second = await NotificationsFixture.StartAsync(fixture.Service.Database);
        var inFlight = new ConcurrentDictionary<string, int>();
        var overlaps = 0;
        var seen = new ConcurrentDictionary<string, ConcurrentQueue<int>>();
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = async (http, _) =>
        {
            var id = http.Request.Headers["webhook-id"].ToString();
            var data = receiver.All.First(r => r.Id == id).Json.GetProperty("data");
            var subject = data.GetProperty("id").GetString()!;
            if (inFlight.AddOrUpdate(subject, 1, (_, c) => c + 1) > 1)
            {
                Interlocked.Increment(ref overlaps);
            }

            var number = data.GetProperty("n").GetInt32();
            seen.GetOrAdd(subject, _ => new()).Enqueue(number);
            await Task.Yield();
            inFlight.AddOrUpdate(subject, 0, (_, c) => c - 1);
            http.Response.StatusCode = number % 3 == 0 && receiver.All.Count(r => r.Id == id) == 1 ? 500 : 200;
        };
        var endpoint = await Client.EndpointAsync(receiver.Url, Ordered);
        for (var i = 0; i < Each; i += 5)
        {
            // In one transaction and in several, by both instances.
            var service = i % 2 == 0 ? fixture.Service : second;
            await service.AppendAsync([.. Enumerable.Range(i, 5).SelectMany(n => Enumerable.Range(0, Subjects).Select(s => Calls.Event(_tenant, $"res_{s}", n)))]);
        }

        await Eventually.IsTrueAsync(async () => await PendingAsync() == 0 && receiver.Count >= Subjects * Each, "all ended", TimeSpan.FromSeconds(60));
        Assert.Equal(0, overlaps);
        Assert.Equal(Subjects, seen.Count);
        Assert.All(seen, s => Assert.Equal(s.Value.Order(), s.Value));
        Assert.All(seen, s => Assert.Equal(Enumerable.Range(0, Each), s.Value.Distinct()));
        Assert.Equal(0L, await fixture.Service.Database.ScalarAsync<long>($"SELECT count(*) FROM notifications.subject_order WHERE tenant_id = '{_tenant}'"));
        Assert.Empty(await Client.DeliveriesAsync(endpoint, "?state=failed"));
    }

    [Fact]
    public async Task A_head_that_fails_for_good_lets_the_next_go_and_until_then_it_waits_visibly()
    {
        var final = false;
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = (http, _) =>
        {
            var isHead = NumberOf(receiver, http) == 0;
            http.Response.Headers.RetryAfter = Volatile.Read(ref final) ? "" : "3600";
            http.Response.StatusCode = !isHead ? 200 : Volatile.Read(ref final) ? 500 : 503;
            return Task.CompletedTask;
        };
        var endpoint = await Client.EndpointAsync(receiver.Url, Ordered);
        await fixture.Service.AppendAsync(Calls.Event(_tenant, "res_a", 0), Calls.Event(_tenant, "res_a", 1), Calls.Event(_tenant, "res_b", 2));
        await receiver.WaitAsync(2);
        await Eventually.IsTrueAsync(async () => (await Client.DeliveriesAsync(endpoint, "?state=succeeded")).Length == 1, "the other subject flows");
        var pending = await Eventually.GetAsync<Document[]>(async () =>
            await Client.DeliveriesAsync(endpoint, "?state=pending") is { Length: 2 } found && found.Any(d => d["attempt_count"].GetInt32() == 1) ? found : null, "the head was tried");
        var waits = pending.Single(d => d["attempt_count"].GetInt32() == 0);
        Assert.Equal("waiting_for_order", waits["reason"].GetString());

        Volatile.Write(ref final, true);
        await Client.PostedAsync($"/v1/deliveries/{pending.Single(d => d.Id != waits.Id).Id}:redeliver", 202);

        // Asking for one that waits for its order does not make it overtake.
        await Client.PostedAsync($"/v1/deliveries/{waits.Id}:redeliver", 202);
        await Eventually.IsTrueAsync(async () => await PendingAsync() == 0, "all ended");
        Assert.Equal([0, 0, 0, 0, 1], Numbers(receiver, "res_a"));
    }

    [Fact]
    public async Task A_redelivery_neither_overtakes_nor_blocks()
    {
        var hold = 1;
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = (http, _) =>
        {
            if (NumberOf(receiver, http) == Volatile.Read(ref hold))
            {
                http.Response.Headers.RetryAfter = "3600";
                http.Response.StatusCode = 503;
            }

            return Task.CompletedTask;
        };
        var endpoint = await Client.EndpointAsync(receiver.Url, Ordered);
        await fixture.Service.AppendAsync(Calls.Event(_tenant, "res_a", 0));
        var old = await Client.DeliveryAsync(endpoint, "succeeded");
        await fixture.Service.AppendAsync(Calls.Event(_tenant, "res_a", 1), Calls.Event(_tenant, "res_a", 2));
        await receiver.WaitAsync(2);
        await Client.PostedAsync($"/v1/deliveries/{old.Id}:redeliver", 202);
        Assert.Equal("waiting_for_order", (await Client.GetDocumentAsync("/v1/deliveries/" + old.Id))["reason"].GetString());
        await fixture.Service.AppendAsync(Calls.Event(_tenant, "res_a", 3));
        await Eventually.IsTrueAsync(async () => await PendingAsync() == 4, "all are there");
        Assert.Equal([0, 1], Numbers(receiver, "res_a"));

        // The redelivery fails from now on, and waits for its retry, while the one behind it goes.
        Volatile.Write(ref hold, 0);
        await ReadyAsync();
        await Eventually.IsTrueAsync(async () => (await Client.DeliveriesAsync(endpoint, "?state=succeeded")).Length == 3, "all but the redelivery");
        Assert.Equal([0, 1, 1, 2], Numbers(receiver, "res_a")[..4]);
        Assert.Equal([0, 3], Numbers(receiver, "res_a")[4..].Order());
        Assert.Equal(old.Id, Assert.Single(await Client.DeliveriesAsync(endpoint, "?state=pending")).Id);
    }

    [Fact]
    public async Task A_process_that_dies_with_the_head_in_hand_loses_and_reorders_nothing()
    {
        await using var receiver = await Receiver.StartAsync((http, n) =>
        {
            http.Response.Headers.RetryAfter = "3600";
            return Receiver.Status(n == 1 ? 503 : 200)(http, n);
        });
        await Client.EndpointAsync(receiver.Url, Ordered);
        await fixture.Service.AppendAsync([.. Enumerable.Range(0, 3).Select(n => Calls.Event(_tenant, "res_a", n))]);
        await Eventually.IsTrueAsync(async () => await fixture.Service.Database.ScalarAsync<long>(
            $"SELECT count(*) FROM notifications.work_item WHERE tenant_id = '{_tenant}' AND state = 0") == 1, "the head waits for its second attempt");
        await fixture.Service.Database.ExecuteAsync(
            $"UPDATE notifications.work_item SET state = 2, token = 1, attempt = 2, lease_until = now() + interval '300 ms' WHERE tenant_id = '{_tenant}'");
        await Eventually.IsTrueAsync(async () => await PendingAsync() == 0, "all ended");
        Assert.Equal([0, 0, 1, 2], Numbers(receiver, "res_a"));
    }

    [Fact]
    public async Task A_head_that_was_forgotten_with_its_day_holds_up_nobody_for_ever()
    {
        await using var receiver = await Receiver.StartAsync((http, n) =>
        {
            http.Response.Headers.RetryAfter = "3600";
            return Receiver.Status(n == 1 ? 503 : 200)(http, n);
        });
        await Client.EndpointAsync(receiver.Url, Ordered);
        await fixture.Service.AppendAsync([.. Enumerable.Range(0, 2).Select(n => Calls.Event(_tenant, "res_a", n))]);
        await Eventually.IsTrueAsync(async () => await fixture.Service.Database.ScalarAsync<long>(
            $"SELECT count(*) FROM notifications.work_item WHERE tenant_id = '{_tenant}' AND state = 0") == 1, "the head waits for its second attempt");
        await fixture.Service.Database.ExecuteAsync($"""
            DELETE FROM notifications.work_item WHERE tenant_id = '{_tenant}';
            DELETE FROM notifications.delivery WHERE tenant_id = '{_tenant}' AND attempts = 1
            """);
        await fixture.Service.Services.GetServices<IHostedService>().OfType<EndpointCare>().Single().SweepOrderAsync(CancellationToken.None);
        await Eventually.IsTrueAsync(async () => await PendingAsync() == 0, "the next went");
        Assert.Equal([0, 1], Numbers(receiver, "res_a"));
    }

    [Fact]
    public async Task Who_does_not_want_order_any_more_gets_the_rest_all_the_same()
    {
        await using var receiver = await Receiver.StartAsync((http, n) =>
        {
            http.Response.Headers.RetryAfter = "1";
            return Receiver.Status(n == 1 ? 503 : 200)(http, n);
        });
        var endpoint = await Client.EndpointAsync(receiver.Url, Ordered);
        await fixture.Service.AppendAsync([.. Enumerable.Range(0, 3).Select(n => Calls.Event(_tenant, "res_a", n))]);
        await receiver.WaitAsync(1);
        using var patched = await Client.SendJsonAsync(HttpMethod.Patch, "/v1/webhook-endpoints/" + endpoint.Id, """{"ordering":"none"}""");
        Assert.Equal(200, (int)patched.StatusCode);
        await fixture.Service.AppendAsync(Calls.Event(_tenant, "res_a", 3));
        await Eventually.IsTrueAsync(async () => (await Client.DeliveriesAsync(endpoint, "?state=succeeded")).Length == 4, "all four");
    }

    private Task<long> PendingAsync() =>
        fixture.Service.Database.ScalarAsync<long>($"SELECT count(*) FROM notifications.delivery WHERE tenant_id = '{_tenant}' AND state = 'pending'");

    /// <summary>What waits for its next attempt is due.</summary>
    private Task ReadyAsync() =>
        fixture.Service.Database.ExecuteAsync($"UPDATE notifications.work_item SET run_at = now() WHERE tenant_id = '{_tenant}' AND state = 0");

    private static int NumberOf(Receiver receiver, HttpContext http) =>
        receiver.All.First(r => r.Id == http.Request.Headers["webhook-id"].ToString()).Json.GetProperty("data").GetProperty("n").GetInt32();

    private static int[] Numbers(Receiver receiver, string subject) =>
        [.. receiver.All.Select(r => r.Json.GetProperty("data")).Where(d => d.GetProperty("id").GetString() == subject).Select(d => d.GetProperty("n").GetInt32())];
}
