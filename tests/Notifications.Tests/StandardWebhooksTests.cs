using System.Text.Json;
using Platform.Testing;

namespace Platform.Notifications.Tests;

/// <summary>What the reference library of Standard Webhooks says of webhooks as they really arrive.</summary>
public sealed class StandardWebhooksTests(NotificationsFixture fixture) : IClassFixture<NotificationsFixture>
{
    [Fact]
    public async Task The_reference_library_accepts_what_we_send_and_nothing_else()
    {
        await using var receiver = await Receiver.StartAsync();
        var tenant = Calls.NewTenant();
        using var client = fixture.Service.Client(tenant);
        var endpoint = await client.EndpointAsync(receiver.Url);
        var old = endpoint["secret"].GetString()!;
        await fixture.Service.PublishAsync(tenant, """{"id":"res_1","data":{"text":"zwölf ✓ \u2028","n":1.50}}""");
        var plain = (await receiver.WaitAsync(1))[0];
        var current = (await client.PostedAsync($"/v1/webhook-endpoints/{endpoint.Id}:rotate-secret", 200))["secret"].GetString()!;
        await fixture.Service.PublishAsync(tenant);
        var rotated = (await receiver.WaitAsync(2))[1];

        (string What, string Secret, Received Webhook, string Verdict)[] cases =
        [
            ("as sent", old, plain, "ok"),
            ("during the rotation, old secret", old, rotated, "ok"),
            ("during the rotation, new secret", current, rotated, "ok"),
            ("another secret", current, plain, "fail"),
            ("another body", old, plain with { Body = plain.Body.Replace("zwölf", "elf", StringComparison.Ordinal) }, "fail"),
            ("a space more", old, plain with { Body = plain.Body + " " }, "fail"),
            ("another id", old, With(plain, "webhook-id", plain.Id + "x"), "fail"),
            ("a second later", old, With(plain, "webhook-timestamp", $"{plain.Timestamp + 1}"), "fail"),
            ("stale", old, With(plain, "webhook-timestamp", $"{plain.Timestamp - 301}"), "fail"),
            ("from the future", old, With(plain, "webhook-timestamp", $"{plain.Timestamp + 331}"), "fail"),
            ("another signature", old, With(plain, "webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="), "fail"),
        ];
        var verdicts = await NodeWitness.RunAsync("verify-webhook.mjs", cases.Select(c => JsonSerializer.Serialize(new
        {
            secret = c.Secret, headers = c.Webhook.Headers, body = c.Webhook.Body,
        })));
        Assert.Equal(cases.Select(c => $"{c.What}: {c.Verdict}"), cases.Zip(verdicts, (c, v) => $"{c.What}: {v.Split(' ')[0]}"));
    }

    private static Received With(Received webhook, string header, string value) =>
        webhook with { Headers = new Dictionary<string, string>(webhook.Headers, StringComparer.Ordinal) { [header] = value } };
}
