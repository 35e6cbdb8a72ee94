using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Platform.Contracts.Events;

namespace Platform.Notifications.Tests;

/// <summary>What an endpoint's owner can decide, and what follows from it.</summary>
public sealed class EndpointSettingsTests(NotificationsFixture fixture) : IClassFixture<NotificationsFixture>
{
    private const string Path = "/v1/webhook-endpoints";
    private readonly Guid _tenant = Calls.NewTenant();
    private HttpClient Client => fixture.Service.Client(_tenant);

    [Fact]
    public async Task Settings_are_shown_as_they_were_set_and_have_defaults()
    {
        const string Filter = """{"and":[{"ref":"data.n","op":"ge","value":1.50},{"not":{"ref":"data.x","op":"exists"}}]}""";
        var set = await Client.EndpointAsync("https://example.com", $$""","filter":{{Filter}},"timeout":3,"ordering":"subject","payload":"thin","signature":"v1" """);
        var read = await Client.GetDocumentAsync($"{Path}/{set.Id}");
        Assert.Equal(Filter, read["filter"].GetRawText());
        Assert.Equal(3, read["timeout"].GetInt32());
        Assert.Equal("subject", read["ordering"].GetString());
        Assert.Equal("thin", read["payload"].GetString());
        Assert.Equal("""{"state":"closed","failing_since":null,"consecutive_failures":0,"last_success_at":null,"last_failure_at":null}""", read["health"].GetRawText());

        var plain = await Client.EndpointAsync("https://example.com");
        Assert.Equal(JsonValueKind.Null, plain["filter"].ValueKind);
        Assert.Equal(JsonValueKind.Null, plain["timeout"].ValueKind);
        Assert.Equal("none full v1", $"{plain["ordering"]} {plain["payload"]} {plain["signature"]}");

        // Half of one filter merged into another would be neither.
        using var patched = await Client.SendJsonAsync(HttpMethod.Patch, $"{Path}/{set.Id}", """{"filter":{"ref":"type","op":"eq","value":"x.y"},"timeout":null,"payload":null}""");
        var changed = await patched.DocumentAsync();
        Assert.Equal("""{"ref":"type","op":"eq","value":"x.y"}""", changed["filter"].GetRawText());
        Assert.Equal("full", changed["payload"].GetString());
        Assert.Equal(JsonValueKind.Null, changed["timeout"].ValueKind);
        using var removed = await Client.SendJsonAsync(HttpMethod.Patch, $"{Path}/{set.Id}", """{"filter":null}""");
        Assert.Equal(JsonValueKind.Null, (await removed.DocumentAsync())["filter"].ValueKind);
    }

    [Fact]
    public async Task A_filter_lets_through_what_it_holds_for_and_says_so()
    {
        await using var receiver = await Receiver.StartAsync();
        var endpoint = await Client.EndpointAsync(receiver.Url, ""","filter":{"and":[{"ref":"data.order.total","op":"ge","value":100},{"ref":"data.labels.env","op":"ne","value":"test"}]}""");
        var small = await fixture.Service.PublishAsync(_tenant, """{"order":{"total":99.99}}""");
        await fixture.Service.PublishAsync(_tenant, """{"order":{"total":500},"labels":{"env":"test"}}""");
        await fixture.Service.PublishAsync(_tenant, """{"order":"garbage"}""");
        await fixture.Service.PublishAsync(_tenant, "[]");
        var large = await fixture.Service.PublishAsync(_tenant, """{"order":{"total":100.0}}""");
        Assert.Equal(large, (await receiver.WaitAsync(1))[0].Id);
        Assert.Single(await Client.DeliveriesAsync(endpoint));
        var report = await Client.GetDocumentAsync($"/v1/events/{small}/deliveries");
        Assert.Equal("filter", report["data"][0].GetProperty("reason").GetString());
    }

    [Fact]
    public async Task A_thin_webhook_says_where_to_read()
    {
        await using var receiver = await Receiver.StartAsync();
        var endpoint = await Client.EndpointAsync(receiver.Url, ""","payload":"thin" """);
        var id = await fixture.Service.PublishAsync(_tenant, """{"id":"res_9","data":{"secret":1}}""");
        var webhook = (await receiver.WaitAsync(1))[0];
        Assert.Equal($$"""{"id":"res_9","subject":"res_1","event_id":"{{id}}","url":"/v1/events/{{id}}"}""", webhook.Json.GetProperty("data").GetRawText());
        Assert.Equal("resource.created", webhook.Json.GetProperty("type").GetString());
        Assert.True(webhook.IsSignedBy(endpoint["secret"].GetString()!));
    }

    [Fact]
    public async Task An_endpoint_s_own_timeout_holds()
    {
        await using var service = await NotificationsFixture.StartAsync(null, ("Webhooks:Timeout", "00:00:30"));
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = (_, n) => n == 1 ? receiver.Forever : Task.CompletedTask;
        using var client = service.Client(_tenant);
        var endpoint = await client.EndpointAsync(receiver.Url, ""","timeout":1""");
        await service.PublishAsync(_tenant);
        var delivery = await client.DeliveryAsync(endpoint, "succeeded");
        var attempt = delivery["attempts"][0];
        Assert.Equal("timeout", attempt.GetProperty("error").GetString());
        Assert.InRange(attempt.GetProperty("duration_ms").GetDouble(), 900, 15_000);
    }

    [Fact]
    public async Task A_secret_may_be_the_caller_s_own()
    {
        await using var receiver = await Receiver.StartAsync();
        var endpoint = await Client.EndpointAsync(receiver.Url);
        foreach (var bad in (string[])["x", "whsec_", "whsec_!!", "whsk_" + Base64(32), "whsec_" + Base64(23), "whsec_" + Base64(65), " whsec_" + Base64(32), "whsec_" + Base64(32) + "\\n"])
        {
            using var refused = await Client.SendJsonAsync(HttpMethod.Post, $"{Path}/{endpoint.Id}:rotate-secret", $$"""{"secret":"{{bad}}"}""");
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
            Assert.Equal("/secret", (await refused.DocumentAsync())["errors"][0].GetProperty("pointer").GetString());
        }

        foreach (var length in (int[])[24, 64])
        {
            var own = "whsec_" + Base64(length);
            using var rotated = await Client.SendJsonAsync(HttpMethod.Post, $"{Path}/{endpoint.Id}:rotate-secret", $$"""{"secret":"{{own}}"}""");
            Assert.Equal(own, (await rotated.DocumentAsync())["secret"].GetString());
        }

        await fixture.Service.PublishAsync(_tenant);
        var webhook = (await receiver.WaitAsync(1))[0];
        Assert.Equal(2, webhook.Signatures.Length);
        Assert.True(webhook.IsSignedBy((await Client.GetDocumentAsync($"{Path}/{endpoint.Id}/secret"))["secret"].GetString()!));
    }

    [Fact]
    public async Task A_signature_by_public_key_is_verified_by_node_and_the_private_key_is_never_shown()
    {
        await using var receiver = await Receiver.StartAsync();
        using var created = await Client.SendJsonAsync(HttpMethod.Post, Path, $$"""{"url":"{{receiver.Url}}","signature":"v1a"}""");
        var endpoint = await created.DocumentAsync();
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.False(endpoint.Json.TryGetProperty("secret", out _));
        var key = endpoint["public_key"].GetString()!;
        Assert.Equal(32, Convert.FromBase64String(key["whpk_".Length..]).Length);
        Assert.Equal($$"""{"secret":null,"public_key":"{{key}}"}""", (await Client.GetDocumentAsync($"{Path}/{endpoint.Id}/secret")).Text);
        await fixture.Service.PublishAsync(_tenant, """{"text":"zwölf ✓"}""");
        var plain = (await receiver.WaitAsync(1))[0];
        Assert.StartsWith("v1a,", Assert.Single(plain.Signatures), StringComparison.Ordinal);

        // A new key, and then another scheme: both sign.
        var rotated = await Client.PostedAsync($"{Path}/{endpoint.Id}:rotate-secret", 200);
        Assert.False(rotated.Json.TryGetProperty("secret", out _));
        var current = rotated["public_key"].GetString()!;
        Assert.NotEqual(key, current);
        await fixture.Service.PublishAsync(_tenant);
        var twice = (await receiver.WaitAsync(2))[1];
        using var patched = await Client.SendJsonAsync(HttpMethod.Patch, $"{Path}/{endpoint.Id}", """{"signature":"v1"}""");
        Assert.Equal(JsonValueKind.Null, (await patched.DocumentAsync())["public_key"].ValueKind);
        var shared = (await Client.GetDocumentAsync($"{Path}/{endpoint.Id}/secret"))["secret"].GetString()!;
        await fixture.Service.PublishAsync(_tenant);
        var mixed = (await receiver.WaitAsync(3))[2];
        Assert.True(mixed.IsSignedBy(shared));

        (string What, string Key, Received Webhook, string Verdict)[] cases =
        [
            ("as sent", key, plain, "ok"),
            ("during the rotation, old key", key, twice, "ok"),
            ("during the rotation, new key", current, twice, "ok"),
            ("after the change of the scheme, the key before", current, mixed, "ok"),
            ("the oldest key", key, mixed, "fail"),
            ("another key", current, plain, "fail"),
            ("another body", key, plain with { Body = plain.Body + " " }, "fail"),
        ];
        var verdicts = await NodeWitness.RunAsync("verify-ed25519.mjs", cases.Select(c => JsonSerializer.Serialize(new
        {
            public_key = c.Key, headers = c.Webhook.Headers, body = c.Webhook.Body,
        })));
        Assert.Equal(cases.Select(c => $"{c.What}: {c.Verdict}"), cases.Zip(verdicts, (c, v) => $"{c.What}: {v}"));
    }

    [Fact]
    public async Task Events_about_endpoints_go_to_those_who_name_them_and_never_to_the_one_they_are_about()
    {
        await using var receiver = await Receiver.StartAsync();
        var everything = await Client.EndpointAsync(receiver.Url + "/all");
        var gone = await Client.EndpointAsync(receiver.Url + "/gone", ""","event_types":["resource.created","webhook.endpoint.disabled"]""");
        await Client.EndpointAsync(receiver.Url + "/ops", ""","event_types":["webhook.endpoint.*"]""");
        receiver.Answer = (http, n) => Receiver.Status(http.Request.Path.Value!.EndsWith("/gone", StringComparison.Ordinal) ? 410 : 200)(http, n);
        await fixture.Service.PublishAsync(_tenant);
        await Eventually.IsTrueAsync(() => receiver.All.Any(r => r.Path == "/hook/ops"), "word of it");
        var told = receiver.All.Single(r => r.Path == "/hook/ops").Json;
        Assert.Equal(EventTypes.WebhookEndpointDisabled, told.GetProperty("type").GetString());
        Assert.Equal(gone.Id, told.GetProperty("data").GetProperty("id").GetString());
        Assert.Equal("gone", told.GetProperty("data").GetProperty("reason").GetString());

        // Both have had the same events since: the one after it proves that the other was looked at.
        var last = await fixture.Service.PublishAsync(_tenant);
        await Eventually.IsTrueAsync(() => receiver.All.Any(r => r.Id == last && r.Path == "/hook/all"), "the event after it");
        Assert.DoesNotContain(receiver.All, r => r.Path == "/hook/all" && r.Json.GetProperty("type").GetString() != "resource.created");
        Assert.Single(receiver.All, r => r.Path == "/hook/gone");
        Assert.Equal(2, (await Client.DeliveriesAsync(everything)).Length);
    }

    private static string Base64(int length) => Convert.ToBase64String(RandomNumberGenerator.GetBytes(length));
}
