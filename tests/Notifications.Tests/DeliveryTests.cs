using Microsoft.AspNetCore.Http;
using Platform.Contracts.Events;
using Platform.Eventing.Outbox;
using Platform.Testing;

namespace Platform.Notifications.Tests;

/// <summary>From an event to a receiver, and what callers see of it.</summary>
public sealed class DeliveryTests(NotificationsFixture fixture) : IClassFixture<NotificationsFixture>
{
    private readonly Guid _tenant = Calls.NewTenant();
    private HttpClient Client => fixture.Service.Client(_tenant);

    [Fact]
    public async Task An_event_arrives_signed_and_its_attempt_is_logged()
    {
        await using var receiver = await Receiver.StartAsync((http, _) => http.Response.WriteAsync("thanks"));
        var endpoint = await Client.EndpointAsync(receiver.Url, ""","headers":{"X-Token":"t1","Authorization":"Bearer abc"}""");
        var id = await fixture.Service.PublishAsync(_tenant, """{"id":"res_1","data":{"ü":[1,2.50]}}""");

        var webhook = (await receiver.WaitAsync(1))[0];
        Assert.Equal(id, webhook.Id);
        Assert.True(webhook.IsSignedBy(endpoint["secret"].GetString()!));
        Assert.Single(webhook.Signatures);
        Assert.Equal("application/json", webhook.Headers["content-type"]);
        Assert.Equal("t1", webhook.Headers["x-token"]);
        Assert.Equal("Bearer abc", webhook.Headers["authorization"]);
        Assert.StartsWith("Platform-Webhooks/", webhook.Headers["user-agent"], StringComparison.Ordinal);
        Assert.Equal("resource.created", webhook.Json.GetProperty("type").GetString());
        Assert.True(webhook.Json.GetProperty("timestamp").TryGetDateTimeOffset(out _));
        Assert.Equal("""{"id":"res_1","data":{"ü":[1,2.50]}}""", webhook.Json.GetProperty("data").GetRawText());

        var delivery = await Client.DeliveryAsync(endpoint, "succeeded");
        Assert.Equal(id, delivery["event_id"].GetString());
        Assert.Equal("resource.created", delivery["event_type"].GetString());
        Assert.Equal(1, delivery["attempt_count"].GetInt32());
        var attempt = delivery["attempts"].EnumerateArray().Single();
        Assert.Equal(200, attempt.GetProperty("response").GetProperty("status").GetInt32());
        Assert.Equal("thanks", attempt.GetProperty("response").GetProperty("body").GetString());
        Assert.Equal("127.0.0.1", attempt.GetProperty("address").GetString());
        Assert.Equal(receiver.Url, attempt.GetProperty("request").GetProperty("url").GetString());
        Assert.True(attempt.GetProperty("duration_ms").GetDouble() > 0);
    }

    [Fact]
    public async Task A_receiver_that_fails_twice_gets_the_same_message_a_third_time()
    {
        await using var receiver = await Receiver.StartAsync((http, n) => Receiver.Status(n < 3 ? 500 : 204)(http, n));
        var endpoint = await Client.EndpointAsync(receiver.Url);
        await fixture.Service.PublishAsync(_tenant);
        var delivery = await Client.DeliveryAsync(endpoint, "succeeded");
        var received = receiver.All;
        Assert.Equal(3, received.Count);
        Assert.Single(received.Select(r => r.Id).Distinct());
        Assert.Single(received.Select(r => r.Body).Distinct());
        Assert.All(received, r => Assert.True(r.IsSignedBy(endpoint["secret"].GetString()!)));
        Assert.Equal([500, 500, 204], delivery["attempts"].EnumerateArray().Select(a => a.GetProperty("response").GetProperty("status").GetInt32()));
        Assert.Equal([1, 2, 3], delivery["attempts"].EnumerateArray().Select(a => a.GetProperty("number").GetInt32()));
    }

    [Fact]
    public async Task A_delivery_that_no_retry_saved_is_listed_told_about_and_can_be_redelivered()
    {
        await using var receiver = await Receiver.StartAsync(Receiver.Status(500));
        var endpoint = await Client.EndpointAsync(receiver.Url);
        await fixture.Service.PublishAsync(_tenant);
        var failed = await Client.DeliveryAsync(endpoint, "failed");
        Assert.Equal(4, failed["attempt_count"].GetInt32());
        Assert.Equal("bad_status", failed["reason"].GetString());
        Assert.Equal(failed.Id, (await Client.DeliveriesAsync(endpoint, "?state=failed")).Single().Id);
        Assert.Empty(await Client.DeliveriesAsync(endpoint, "?state=succeeded"));
        await Eventually.IsTrueAsync(async () => await EventsAboutAsync(failed.Id) == "false,false,false,true", "an event for each attempt");

        receiver.Answer = Receiver.Status(200);
        var accepted = await Client.PostedAsync($"/v1/deliveries/{failed.Id}:redeliver", 202);
        Assert.Equal("pending", accepted["state"].GetString());
        var succeeded = await Client.DeliveryAsync(endpoint, "succeeded");
        Assert.Equal(5, succeeded["attempts"].GetArrayLength());
        Assert.Single(receiver.All.Select(r => r.Id).Distinct());
    }

    [Fact]
    public async Task A_delivery_that_waits_for_its_next_attempt_can_be_sent_at_once()
    {
        await using var receiver = await Receiver.StartAsync((http, n) =>
        {
            http.Response.Headers.RetryAfter = "3600";
            return Receiver.Status(n == 1 ? 503 : 200)(http, n);
        });
        var endpoint = await Client.EndpointAsync(receiver.Url);
        await fixture.Service.PublishAsync(_tenant);
        var waiting = await Eventually.GetAsync<Document>(async () =>
            (await Client.DeliveriesAsync(endpoint)).SingleOrDefault(d => d["attempt_count"].GetInt32() == 1), "first attempt");
        var pause = waiting["next_attempt_at"].GetDateTimeOffset() - waiting["last_attempt_at"].GetDateTimeOffset();
        Assert.InRange(pause.TotalSeconds, 3599, 3605);
        await Client.PostedAsync($"/v1/deliveries/{waiting.Id}:redeliver", 202);
        await Client.DeliveryAsync(endpoint, "succeeded");
        Assert.Equal(2, receiver.All.Count);
    }

    [Fact]
    public async Task An_event_that_comes_twice_is_delivered_once()
    {
        await using var receiver = await Receiver.StartAsync();
        var endpoint = await Client.EndpointAsync(receiver.Url);
        var message = OutboxMessage.FromJson(EventTypes.ResourceCreated, Topics.Core, "core", _tenant, "res_1", "{}"u8.ToArray(), TimeProvider.System);
        await fixture.Service.AppendAsync(message, message);
        await Client.DeliveryAsync(endpoint, "succeeded");

        // Again when even the inbox has forgotten it; the event after it proves that it was read.
        await fixture.Service.Database.ExecuteAsync("DELETE FROM notifications.inbox");
        await fixture.Service.AppendAsync(message);
        var last = await fixture.Service.PublishAsync(_tenant);
        await Eventually.IsTrueAsync(() => receiver.All.Any(r => r.Id == last), "the event after it");
        Assert.Equal(2, receiver.All.Count);
        Assert.Equal(2, (await Client.DeliveriesAsync(endpoint)).Length);
    }

    [Fact]
    public async Task Each_endpoint_gets_what_it_asked_for()
    {
        await using var receiver = await Receiver.StartAsync();
        var exact = await Client.EndpointAsync(receiver.Url + "/exact", ""","event_types":["resource.deleted"]""");
        var below = await Client.EndpointAsync(receiver.Url + "/below", ""","event_types":["resource.*"]""");
        var all = await Client.EndpointAsync(receiver.Url + "/all");
        var prod = await Client.EndpointAsync(receiver.Url + "/prod", ""","labels":{"env":"prod"}""");
        var stopped = await Client.EndpointAsync(receiver.Url + "/stopped", ""","disabled":true""");
        var other = await fixture.Service.Client().EndpointAsync(receiver.Url + "/other-tenant");
        var created = await fixture.Service.PublishAsync(_tenant);
        var job = await fixture.Service.PublishAsync(_tenant, """{"labels":{"env":"test"}}""", EventTypes.JobSucceeded);
        var deleted = await fixture.Service.PublishAsync(_tenant, "{}", EventTypes.ResourceDeleted);
        await Eventually.IsTrueAsync(() => receiver.All.Count(r => r.Path == "/hook/all") == 3, "all three");
        await Eventually.IsTrueAsync(() => receiver.All.Count == 7, "seven in all");

        HashSet<string> Of(string path) => [.. receiver.All.Where(r => r.Path == "/hook/" + path).Select(r => r.Id)];
        Assert.Equal([deleted], Of("exact"));
        Assert.Equal([created, deleted], Of("below"));
        Assert.Equal([created, job, deleted], Of("all"));
        Assert.Equal([created], Of("prod"));
        Assert.Empty(Of("stopped"));
        Assert.Empty(Of("other-tenant"));

        // And where it did not arrive, the reason is told.
        var later = await Client.EndpointAsync(receiver.Url + "/later");
        var report = await Client.GetDocumentAsync($"/v1/events/{job}/deliveries");
        var states = report["data"].EnumerateArray().ToDictionary(d => d.GetProperty("endpoint_id").GetString()!,
            d => d.GetProperty("state").GetString() + " " + d.GetProperty("reason").GetString());
        Assert.Equal("unmatched event_type", states[exact.Id]);
        Assert.Equal("unmatched event_type", states[below.Id]);
        Assert.Equal("succeeded ", await StateOfAsync(job, all));
        Assert.Equal("unmatched labels", states[prod.Id]);
        Assert.Equal("disabled endpoint_disabled", states[stopped.Id]);
        Assert.Equal("unmatched created_later", states[later.Id]);
        Assert.False(states.ContainsKey(other.Id));
    }

    [Fact]
    public async Task What_a_disabled_endpoint_missed_can_be_delivered_later()
    {
        await using var receiver = await Receiver.StartAsync();
        var endpoint = await Client.EndpointAsync(receiver.Url, ""","disabled":true""");
        await fixture.Service.PublishAsync(_tenant);
        var missed = await Client.DeliveryAsync(endpoint, "disabled");
        using (var refused = await Client.SendJsonAsync(HttpMethod.Post, $"/v1/deliveries/{missed.Id}:redeliver"))
        {
            Assert.Equal(409, (int)refused.StatusCode);
            Assert.Equal("endpoint_disabled", (await refused.DocumentAsync())["code"].GetString());
        }

        var enabled = await Client.PostedAsync($"/v1/webhook-endpoints/{endpoint.Id}:enable", 200);
        Assert.False(enabled["disabled"].GetBoolean());
        await Client.PostedAsync($"/v1/deliveries/{missed.Id}:redeliver", 202);
        await Client.DeliveryAsync(endpoint, "succeeded");
        Assert.Single(receiver.All);
    }

    [Fact]
    public async Task A_gone_receiver_disables_its_endpoint()
    {
        await using var receiver = await Receiver.StartAsync(Receiver.Status(410));
        var endpoint = await Client.EndpointAsync(receiver.Url);
        await fixture.Service.PublishAsync(_tenant);
        var failed = await Client.DeliveryAsync(endpoint, "failed");
        Assert.Equal("gone", failed["reason"].GetString());
        Assert.Equal(1, failed["attempt_count"].GetInt32());
        var disabled = await Client.GetDocumentAsync("/v1/webhook-endpoints/" + endpoint.Id);
        Assert.True(disabled["disabled"].GetBoolean());
        Assert.Equal("gone", disabled["disabled_reason"].GetString());
        Assert.Equal(2, disabled["version"].GetInt32());
        await fixture.Service.PublishAsync(_tenant);
        await Eventually.IsTrueAsync(async () => (await Client.DeliveriesAsync(endpoint, "?state=disabled")).Length == 1, "the next is not sent");
        Assert.Single(receiver.All);
    }

    [Fact]
    public async Task A_test_event_goes_to_its_endpoint_whatever_it_wants()
    {
        await using var receiver = await Receiver.StartAsync();
        var endpoint = await Client.EndpointAsync(receiver.Url, ""","event_types":["resource.created"]""");
        var accepted = await Client.PostedAsync($"/v1/webhook-endpoints/{endpoint.Id}:test", 202);
        var webhook = (await receiver.WaitAsync(1))[0];
        Assert.Equal("webhook.test", webhook.Json.GetProperty("type").GetString());
        Assert.Equal(endpoint.Id, webhook.Json.GetProperty("data").GetProperty("endpoint_id").GetString());
        Assert.True(webhook.IsSignedBy(endpoint["secret"].GetString()!));
        Assert.Equal(accepted.Id, (await Client.DeliveryAsync(endpoint, "succeeded")).Id);
    }

    [Fact]
    public async Task After_a_rotation_both_secrets_sign_until_the_old_one_expires()
    {
        await using var receiver = await Receiver.StartAsync();
        var endpoint = await Client.EndpointAsync(receiver.Url);
        var rotated = await Client.PostedAsync($"/v1/webhook-endpoints/{endpoint.Id}:rotate-secret", 200);
        var (old, current) = (endpoint["secret"].GetString()!, rotated["secret"].GetString()!);
        Assert.NotEqual(old, current);
        Assert.Equal(current, (await Client.GetDocumentAsync($"/v1/webhook-endpoints/{endpoint.Id}/secret"))["secret"].GetString());
        await fixture.Service.PublishAsync(_tenant);
        var both = (await receiver.WaitAsync(1))[0];
        Assert.Equal(2, both.Signatures.Length);
        Assert.True(both.IsSignedBy(old));
        Assert.True(both.IsSignedBy(current));

        await fixture.Service.Database.ExecuteAsync($"UPDATE notifications.endpoint SET previous_until = now() WHERE tenant_id = '{_tenant}'");
        await fixture.Service.PublishAsync(_tenant);
        var one = (await receiver.WaitAsync(2))[1];
        Assert.Single(one.Signatures);
        Assert.True(one.IsSignedBy(current));
    }

    [Fact]
    public async Task Deliveries_of_a_deleted_endpoint_end_with_that_reason()
    {
        await using var receiver = await Receiver.StartAsync((http, n) =>
        {
            http.Response.Headers.RetryAfter = "1";
            return Receiver.Status(503)(http, n);
        });
        var endpoint = await Client.EndpointAsync(receiver.Url);
        await fixture.Service.PublishAsync(_tenant);
        await Eventually.IsTrueAsync(async () => (await Client.DeliveriesAsync(endpoint)).Any(d => d["attempt_count"].GetInt32() == 1), "an attempt");
        var delivery = (await Client.DeliveriesAsync(endpoint)).Single();
        using (var deleted = await Client.SendJsonAsync(HttpMethod.Delete, "/v1/webhook-endpoints/" + endpoint.Id))
        {
            Assert.Equal(204, (int)deleted.StatusCode);
        }

        var ended = await Eventually.GetAsync<Document>(async () =>
            await Client.GetDocumentAsync("/v1/deliveries/" + delivery.Id) is var d && d["state"].GetString() == "failed" ? d : null, "ended");
        Assert.Equal("endpoint_deleted", ended["reason"].GetString());
        Assert.Single(receiver.All);
        using var refused = await Client.SendJsonAsync(HttpMethod.Post, $"/v1/deliveries/{delivery.Id}:redeliver");
        Assert.Equal(409, (int)refused.StatusCode);
    }

    private async Task<string> StateOfAsync(string eventId, Document endpoint)
    {
        string? state = null;
        await Eventually.IsTrueAsync(async () =>
        {
            var report = await Client.GetDocumentAsync($"/v1/events/{eventId}/deliveries");
            var found = report["data"].EnumerateArray().Single(d => d.GetProperty("endpoint_id").GetString() == endpoint.Id);
            state = found.GetProperty("state").GetString() + " " + found.GetProperty("reason").GetString();
            return !state.StartsWith("pending", StringComparison.Ordinal);
        }, "no longer pending");
        return state!;
    }

    /// <summary>The <c>final</c> flags of the events about a delivery, in order.</summary>
    private async Task<string> EventsAboutAsync(string delivery) =>
        await fixture.Service.Database.ScalarAsync<string>($"""
            SELECT coalesce(string_agg(convert_from(payload, 'UTF8')::json ->> 'final', ',' ORDER BY stream_offset), '')
            FROM stream.webhooks_delivery WHERE key = '{delivery}'
            """);
}
