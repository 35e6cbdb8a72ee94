using Platform.Testing;

namespace Platform.Notifications.Tests;

/// <summary>Whatever dies between the claim and the commit of its outcome: nothing is stranded, and nothing is counted twice.</summary>
public sealed class CrashTests(NotificationsFixture fixture) : IClassFixture<NotificationsFixture>
{
    private readonly Guid _tenant = Calls.NewTenant();
    private HttpClient Client => fixture.Service.Client(_tenant);

    [Fact]
    public async Task What_a_dead_process_had_claimed_is_sent_by_another()
    {
        await using var receiver = await Receiver.StartAsync((http, n) =>
        {
            http.Response.Headers.RetryAfter = "3600";
            return Receiver.Status(n == 1 ? 503 : 200)(http, n);
        });
        var endpoint = await Client.EndpointAsync(receiver.Url);
        await fixture.Service.PublishAsync(_tenant);
        await Eventually.IsTrueAsync(async () => await WorkAsync("state = 0") == 1, "waits for its second attempt");

        // As a process leaves it that claims it and is killed: held, and nobody renews.
        await fixture.Service.Database.ExecuteAsync(
            $"UPDATE notifications.work_item SET state = 2, token = 1, attempt = 2, lease_until = now() + interval '300 ms' WHERE tenant_id = '{_tenant}'");
        await Client.DeliveryAsync(endpoint, "succeeded");
        Assert.Equal(2, receiver.All.Count);
        Assert.Equal(0, await WorkAsync("true"));
    }

    [Fact]
    public async Task An_outcome_whose_claim_was_lost_does_not_count_and_the_message_comes_again()
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var receiver = await Receiver.StartAsync(async (_, n) =>
        {
            if (n == 1)
            {
                reached.SetResult();
                await go.Task;
            }
        });
        var endpoint = await Client.EndpointAsync(receiver.Url);
        await fixture.Service.PublishAsync(_tenant);
        await reached.Task.WaitAsync(Eventually.Deadline);

        // The lease ran out while the receiver worked, and somebody else took the item and died.
        await fixture.Service.Database.ExecuteAsync(
            $"UPDATE notifications.work_item SET token = token + 1, lease_until = now() - interval '1 s' WHERE tenant_id = '{_tenant}'");
        go.SetResult();
        var delivery = await Client.DeliveryAsync(endpoint, "succeeded");
        var received = await receiver.WaitAsync(2);
        Assert.Single(received.Select(r => r.Id).Distinct());
        Assert.Equal(1, delivery["attempt_count"].GetInt32());
        Assert.Equal(1, delivery["attempts"].GetArrayLength());
        Assert.Equal(0, await WorkAsync("true"));
    }

    [Fact]
    public async Task A_stop_in_the_middle_of_an_attempt_gives_it_back_and_the_next_start_sends_it()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = (_, n) => n == 1 ? receiver.Forever : Task.CompletedTask;
        var database = await TestPostgres.CreateDatabaseAsync();
        Document endpoint;
        await using (var first = await NotificationsFixture.StartAsync(database, ("Webhooks:Timeout", "00:01:00"), ("Work:notifications:Drain", "00:00:00.100")))
        {
            using var client = first.Client(_tenant);
            endpoint = await client.EndpointAsync(receiver.Url);
            await first.PublishAsync(_tenant);
            await receiver.WaitAsync(1);
        }

        await using var second = await NotificationsFixture.StartAsync(database);
        using var again = second.Client(_tenant);
        var delivery = await again.DeliveryAsync(endpoint, "succeeded");
        Assert.Equal(2, receiver.All.Count);
        Assert.Equal(1, delivery["attempt_count"].GetInt32());
    }

    [Fact]
    public async Task Two_instances_deliver_each_event_once()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var second = await NotificationsFixture.StartAsync(fixture.Service.Database);
        var endpoint = await Client.EndpointAsync(receiver.Url);
        var ids = new List<string>();
        for (var i = 0; i < 100; i++)
        {
            ids.Add(await (i % 2 == 0 ? fixture.Service : second).PublishAsync(_tenant));
        }

        await Eventually.IsTrueAsync(async () => (await Client.DeliveriesAsync(endpoint, "?state=succeeded&limit=200")).Length == 100, "all delivered");
        Assert.Equal(ids.Order(StringComparer.Ordinal), receiver.All.Select(r => r.Id).Order(StringComparer.Ordinal));
    }

    private async Task<long> WorkAsync(string condition) =>
        await fixture.Service.Database.ScalarAsync<long>($"SELECT count(*) FROM notifications.work_item WHERE tenant_id = '{_tenant}' AND {condition}");
}
