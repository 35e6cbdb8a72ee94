using System.Text;
using Platform.Notifications.Signing;

namespace Platform.Notifications.Tests;

public sealed class SignatureTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private const string Id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    private const long Timestamp = 1614265330;
    private const string Signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    private static readonly byte[] Body = Encoding.UTF8.GetBytes("""{"test": 2432232314}""");

    [Fact]
    public void The_test_vector_of_standard_webhooks_holds() =>
        Assert.Equal(Signature, WebhookSignature.Of([WebhookSecret.Parse(Secret)], Id, Timestamp, Body));

    [Fact]
    public void Each_secret_signs_on_its_own_the_current_one_first()
    {
        var other = WebhookSecret.Create();
        var signatures = WebhookSignature.Of([other, WebhookSecret.Parse(Secret)], Id, Timestamp, Body).Split(' ');
        Assert.Equal([WebhookSignature.Of([other], Id, Timestamp, Body), Signature], signatures);
    }

    [Fact]
    public void Whatever_is_signed_makes_a_difference()
    {
        var secret = WebhookSecret.Parse(Secret);
        Assert.NotEqual(Signature, WebhookSignature.Of([secret], Id + "x", Timestamp, Body));
        Assert.NotEqual(Signature, WebhookSignature.Of([secret], Id, Timestamp + 1, Body));
        Assert.NotEqual(Signature, WebhookSignature.Of([secret], Id, Timestamp, [.. Body, (byte)' ']));
        Assert.NotEqual(Signature, WebhookSignature.Of([WebhookSecret.Create()], Id, Timestamp, Body));
    }

    [Fact]
    public void A_secret_is_32_random_bytes_and_survives_its_column_and_its_text()
    {
        var secret = WebhookSecret.Create();
        Assert.StartsWith("whsec_", secret.ToText(), StringComparison.Ordinal);
        Assert.Equal(32, Convert.FromBase64String(secret.ToText()["whsec_".Length..]).Length);
        Assert.Equal(secret.ToText(), WebhookSecret.FromColumn(secret.ToColumn()).ToText());
        Assert.Equal(secret.ToText(), WebhookSecret.Parse(secret.ToText()).ToText());
        Assert.NotEqual(secret.ToText(), WebhookSecret.Create().ToText());
    }
}
