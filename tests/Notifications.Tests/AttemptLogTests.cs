using System.Text.Json;
using Platform.Notifications.Sending;

namespace Platform.Notifications.Tests;

/// <summary>What the log of attempts says of each of them.</summary>
public sealed class AttemptLogTests(NotificationsFixture fixture) : IClassFixture<NotificationsFixture>
{
    private readonly Guid _tenant = Calls.NewTenant();
    private HttpClient Client => fixture.Service.Client(_tenant);

    [Fact]
    public async Task An_attempt_shows_what_was_sent_and_where_the_time_went()
    {
        await using var receiver = await Receiver.StartAsync((http, n) =>
        {
            http.Response.Headers["x-answer"] = "yes";
            return Receiver.Status(n == 1 ? 500 : 200)(http, n);
        });
        var endpoint = await Client.EndpointAsync(receiver.Url, ""","headers":{"X-Team":"blue","X-Api-Key":"k1","Authorization":"Bearer abc"}""");
        await fixture.Service.PublishAsync(_tenant);
        var delivery = await Client.DeliveryAsync(endpoint, "succeeded");
        var attempts = delivery["attempts"].EnumerateArray().ToArray();
        Assert.Equal(2, attempts.Length);
        foreach (var (attempt, webhook) in attempts.Zip(receiver.All))
        {
            var headers = attempt.GetProperty("request").GetProperty("headers");
            foreach (var name in new[] { "webhook-id", "webhook-timestamp", "webhook-signature", "content-type", "content-length", "user-agent", "host", "x-team" })
            {
                Assert.Equal(webhook.Headers[name], headers.GetProperty(name).GetString());
            }

            Assert.Equal("k1", webhook.Headers["x-api-key"]);
            Assert.Equal("***", headers.GetProperty("x-api-key").GetString());
            Assert.Equal("***", headers.GetProperty("authorization").GetString());
            Assert.DoesNotContain("k1", attempt.GetRawText(), StringComparison.Ordinal);
            Assert.Contains("x-answer: yes", attempt.GetProperty("response").GetProperty("headers").GetString(), StringComparison.Ordinal);
            var timing = attempt.GetProperty("timing");
            Assert.InRange(timing.GetProperty("first_byte_ms").GetDouble(), 0.001, timing.GetProperty("total_ms").GetDouble());
            Assert.Equal(JsonValueKind.Null, timing.GetProperty("dns_ms").ValueKind);
            Assert.Equal(JsonValueKind.Null, timing.GetProperty("tls_ms").ValueKind);
            Assert.Equal("127.0.0.1", attempt.GetProperty("address").GetString());
        }

        Assert.True(attempts[0].GetProperty("timing").GetProperty("connect_ms").GetDouble() > 0);
        Assert.False(attempts[0].GetProperty("connection_reused").GetBoolean());
        Assert.Equal(JsonValueKind.Null, attempts[1].GetProperty("timing").GetProperty("connect_ms").ValueKind);
        Assert.True(attempts[1].GetProperty("connection_reused").GetBoolean());
    }

    [Fact]
    public async Task Each_attempt_says_why_it_was_made()
    {
        await using var receiver = await Receiver.StartAsync((http, n) => Receiver.Status(n is 1 or 3 ? 500 : 200)(http, n));
        var endpoint = await Client.EndpointAsync(receiver.Url);
        await fixture.Service.PublishAsync(_tenant);
        var delivery = await Client.DeliveryAsync(endpoint, "succeeded");
        await Client.PostedAsync($"/v1/deliveries/{delivery.Id}:redeliver", 202);
        await receiver.WaitAsync(4);
        Assert.Equal(["event", "retry", "redeliver", "retry"], TriggersOf(await Client.DeliveryAsync(endpoint, "succeeded")));

        var tested = await Client.PostedAsync($"/v1/webhook-endpoints/{endpoint.Id}:test", 202);
        await receiver.WaitAsync(5);
        var test = await Eventually.GetAsync<Document>(async () =>
            await Client.GetDocumentAsync("/v1/deliveries/" + tested.Id) is var d && d.State == "succeeded" ? d : null, "the test");
        Assert.Equal(["test"], TriggersOf(test));
    }

    [Fact]
    public async Task A_failure_before_the_connection_has_neither_address_nor_times()
    {
        var endpoint = await Client.EndpointAsync("http://10.11.12.13/");
        await fixture.Service.PublishAsync(_tenant);
        var failed = await Client.DeliveryAsync(endpoint, "failed");
        var attempt = failed["attempts"][0];
        Assert.Equal(AttemptError.AddressBlocked, attempt.GetProperty("error").GetString());
        Assert.Equal(JsonValueKind.Null, attempt.GetProperty("address").ValueKind);
        Assert.Equal(JsonValueKind.Null, attempt.GetProperty("response").ValueKind);
        Assert.Equal(JsonValueKind.Null, attempt.GetProperty("timing").GetProperty("connect_ms").ValueKind);
        Assert.True(attempt.GetProperty("timing").GetProperty("total_ms").GetDouble() >= 0);
    }

    private static string[] TriggersOf(Document delivery) =>
        [.. delivery["attempts"].EnumerateArray().Select(a => a.GetProperty("trigger").GetString()!)];
}
