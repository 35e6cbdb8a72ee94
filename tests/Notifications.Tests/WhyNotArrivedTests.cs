using System.Text.Json;
using Platform.Contracts.Identifiers;

namespace Platform.Notifications.Tests;

/// <summary>"Why did it not arrive?": an answer for every endpoint of the tenant.</summary>
public sealed class WhyNotArrivedTests(NotificationsFixture fixture) : IClassFixture<NotificationsFixture>
{
    private readonly Guid _tenant = Calls.NewTenant();
    private HttpClient Client => fixture.Service.Client(_tenant);

    [Fact]
    public async Task Every_endpoint_has_its_outcome()
    {
        await using var receiver = await Receiver.StartAsync((http, n) => Receiver.Status(http.Request.Path == "/hook/bad" ? 500 : 200)(http, n));
        await using var hanging = await Receiver.StartAsync();
        hanging.Answer = (_, _) => hanging.Forever;
        var ok = await Client.EndpointAsync(receiver.Url + "/ok");
        var bad = await Client.EndpointAsync(receiver.Url + "/bad");
        var type = await Client.EndpointAsync(receiver.Url + "/type", ""","event_types":["job.*"]""");
        var labels = await Client.EndpointAsync(receiver.Url + "/labels", ""","labels":{"env":"test"}""");
        var disabled = await Client.EndpointAsync(receiver.Url + "/disabled", ""","disabled":true""");
        var changed = await Client.EndpointAsync(receiver.Url + "/changed", ""","event_types":["job.*"]""");
        var id = await fixture.Service.PublishAsync(_tenant);
        await Client.DeliveryAsync(ok, "succeeded");
        await Client.DeliveryAsync(bad, "failed");
        await Client.DeliveryAsync(disabled, "disabled");
        var later = await Client.EndpointAsync(receiver.Url + "/later");
        using (var patched = await Client.SendJsonAsync(HttpMethod.Patch, "/v1/webhook-endpoints/" + changed.Id, """{"event_types":["*"]}"""))
        {
            Assert.Equal(200, (int)patched.StatusCode);
        }

        var answers = await OutcomesAsync(id);
        Assert.Equal(("delivered", null), Of(answers, ok));
        Assert.Equal(("failed", "bad_status"), Of(answers, bad));
        Assert.Equal(("unmatched", "event_type"), Of(answers, type));
        Assert.Equal(("unmatched", "labels"), Of(answers, labels));
        Assert.Equal(("unmatched", "changed_since"), Of(answers, changed));
        Assert.Equal(("disabled", "endpoint_disabled"), Of(answers, disabled));
        Assert.Equal(("created_later", "created_later"), Of(answers, later));
        Assert.Equal(7, answers.Count);
        Assert.All(answers.Values, a => Assert.False(string.IsNullOrEmpty(a.GetProperty("explanation").GetString())));
        Assert.Equal("manual", answers[disabled.Id].GetProperty("endpoint_disabled_reason").GetString());
        Assert.Equal(JsonValueKind.String, answers[disabled.Id].GetProperty("endpoint_disabled_at").ValueKind);
        Assert.Equal(JsonValueKind.Null, answers[ok.Id].GetProperty("endpoint_disabled_at").ValueKind);
    }

    [Fact]
    public async Task What_is_on_its_way_says_what_it_waits_for()
    {
        await using var failing = await Receiver.StartAsync((http, n) =>
        {
            http.Response.Headers.RetryAfter = "3600";
            return Receiver.Status(503)(http, n);
        });
        await using var receiver = await Receiver.StartAsync();
        var retried = await Client.EndpointAsync(failing.Url);
        var limited = await Client.EndpointAsync(receiver.Url, ""","rate_limit":4""");
        var ids = new List<string>();
        for (var i = 0; i < 40; i++)
        {
            ids.Add(await fixture.Service.PublishAsync(_tenant));
        }

        await Eventually.IsTrueAsync(async () => (await Client.DeliveriesAsync(limited, "?limit=50")).Length == 40, "all came");

        // Four a second: the last of forty stays away meanwhile.
        await Eventually.IsTrueAsync(async () => Of(await OutcomesAsync(ids[^1]), limited) is ("throttled", "rate_limit"), "throttled");
        await Eventually.IsTrueAsync(async () => Of(await OutcomesAsync(ids[0]), retried) is ("pending", "retry"), "waits for its retry");
    }

    [Fact]
    public async Task An_event_that_the_tenant_never_had_is_not_there()
    {
        await using var receiver = await Receiver.StartAsync();
        await Client.EndpointAsync(receiver.Url);
        var id = await fixture.Service.PublishAsync(_tenant);
        await receiver.WaitAsync(1);
        using var stranger = fixture.Service.Client();
        await stranger.EndpointAsync(receiver.Url);
        foreach (var (client, unknown) in new[] { (stranger, id), (Client, TypeId.Format(IdPrefix.Event, Calls.NewTenant())), (Client, "evt_x"), (Client, "1") })
        {
            using var answer = await client.GetAsync($"/v1/events/{unknown}/deliveries");
            Assert.Equal(404, (int)answer.StatusCode);
        }
    }

    private async Task<Dictionary<string, JsonElement>> OutcomesAsync(string id)
    {
        var report = await Client.GetDocumentAsync($"/v1/events/{id}/deliveries");
        return report["data"].EnumerateArray().ToDictionary(d => d.GetProperty("endpoint_id").GetString()!, StringComparer.Ordinal);
    }

    private static (string?, string?) Of(Dictionary<string, JsonElement> answers, Document endpoint) =>
        answers.TryGetValue(endpoint.Id, out var a) ? (a.GetProperty("outcome").GetString(), a.GetProperty("reason").GetString()) : (null, null);
}
