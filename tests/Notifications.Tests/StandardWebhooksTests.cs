using System.Text.Json;
using Platform.Notifications.Signing;
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

        // The overlap is over.
        await fixture.Service.Database.ExecuteAsync($"UPDATE notifications.endpoint SET previous_until = now() WHERE tenant_id = '{tenant}'");
        await fixture.Service.PublishAsync(tenant);
        var after = (await receiver.WaitAsync(3))[2];

        // A retry: the same message at another time.
        receiver.Answer = (http, n) => Receiver.Status(n == 4 ? 500 : 200)(http, n);
        await using var slow = await NotificationsFixture.StartAsync(null, ("Webhooks:Retries:0", "00:00:01.100"), ("Webhooks:Jitter", "0"));
        using var other = slow.Client(tenant);
        var retried = await other.EndpointAsync(receiver.Url);
        await slow.PublishAsync(tenant);
        var (first, second) = ((await receiver.WaitAsync(5))[3], receiver.All[4]);
        var own = retried["secret"].GetString()!;
        Assert.Equal(first.Id, second.Id);
        Assert.Equal(first.Body, second.Body);
        Assert.True(second.Timestamp > first.Timestamp);
        Assert.NotEqual(first.Signatures, second.Signatures);

        await JudgeAsync(
        [
            ("as sent", old, plain, "ok"),
            ("during the rotation, old secret", old, rotated, "ok"),
            ("during the rotation, new secret", current, rotated, "ok"),
            ("after the rotation, old secret", old, after, "fail"),
            ("after the rotation, new secret", current, after, "ok"),
            ("the first attempt", own, first, "ok"),
            ("the retry", own, second, "ok"),
            ("the retry with the first one's time", own, With(second, "webhook-timestamp", $"{first.Timestamp}"), "fail"),
            ("the retry with the first one's signature", own, With(second, "webhook-signature", first.Headers["webhook-signature"]), "fail"),
            ("another secret", current, plain, "fail"),
            ("another body", old, plain with { Body = plain.Body.Replace("zwölf", "elf", StringComparison.Ordinal) }, "fail"),
            ("a space more", old, plain with { Body = plain.Body + " " }, "fail"),
            ("nothing", old, plain with { Body = "" }, "fail"),
            ("another id", old, With(plain, "webhook-id", plain.Id + "x"), "fail"),
            ("a second later", old, With(plain, "webhook-timestamp", $"{plain.Timestamp + 1}"), "fail"),
            ("another signature", old, With(plain, "webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="), "fail"),
            ("another version", old, With(plain, "webhook-signature", plain.Headers["webhook-signature"].Replace("v1,", "v2,", StringComparison.Ordinal)), "fail"),
        ]);
    }

    [Fact]
    public async Task The_reference_library_takes_our_signature_for_five_minutes_either_way()
    {
        var secret = WebhookSecret.Create();
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

        // Rightly signed, at another time. The library reads the clock a little later than we do.
        Received Signed(long at) => new("/", new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["webhook-id"] = "evt_1", ["webhook-timestamp"] = $"{at}", ["webhook-signature"] = WebhookSignature.Of([secret], "evt_1", at, "{}"u8),
        }, "{}");
        await JudgeAsync(
        [
            ("four minutes old", secret.ToText()!, Signed(now - 240), "ok"),
            ("stale by a second", secret.ToText()!, Signed(now - 301), "fail"),
            ("four minutes ahead", secret.ToText()!, Signed(now + 240), "ok"),
            ("from the future", secret.ToText()!, Signed(now + 301 + 120), "fail"),
        ]);
    }

    private static async Task JudgeAsync((string What, string Secret, Received Webhook, string Verdict)[] cases)
    {
        var verdicts = await NodeWitness.RunAsync("verify-webhook.mjs", cases.Select(c => JsonSerializer.Serialize(new
        {
            secret = c.Secret, headers = c.Webhook.Headers, body = c.Webhook.Body,
        })));

        // A line for each of the two libraries.
        Assert.Equal(cases.SelectMany(c => new[] { $"{c.What}: standardwebhooks {c.Verdict}", $"{c.What}: svix {c.Verdict}" }),
            verdicts.Select((v, i) => $"{cases[i / 2].What}: {string.Join(' ', v.Split(' ').Take(2))}"));
    }

    private static Received With(Received webhook, string header, string value) =>
        webhook with { Headers = new Dictionary<string, string>(webhook.Headers, StringComparer.Ordinal) { [header] = value } };
}
