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
        Assert.Equal(32, Convert.FromBase64String(secret.ToText()!["whsec_".Length..]).Length);
        Assert.Equal(secret.ToText(), WebhookSecret.FromColumn(secret.ToColumn()).ToText());
        Assert.Equal(secret.ToText(), WebhookSecret.Parse(secret.ToText()!).ToText());
        Assert.NotEqual(secret.ToText(), WebhookSecret.Create().ToText());
    }

    [Fact]
    public void Ed25519_is_that_of_its_standard()
    {
        // RFC 8032, section 7.1, test 2.
        var seed = Convert.FromHexString("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
        Assert.Equal("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", Convert.ToHexStringLower(Ed25519.PublicKeyOf(seed)));
        var signature = new byte[Ed25519.SignatureLength];
        Ed25519.Sign(seed, [0x72], signature);
        Assert.Equal("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00", Convert.ToHexStringLower(signature));
    }

    [Fact]
    public void A_private_key_of_the_caller_s_own_is_taken_with_or_without_its_public_key_and_only_if_they_belong_together()
    {
        var seed = WebhookSecret.Create(SignatureScheme.PublicKey);
        var pair = (byte[])[.. seed.ToColumn(), .. Ed25519.PublicKeyOf(seed.ToColumn())];
        string Text(byte[] key) => "whsk_" + Convert.ToBase64String(key);
        Assert.Null(seed.ToText());
        Assert.Equal(seed.ToPublicText(), WebhookSecret.TryParse(SignatureScheme.PublicKey, Text(seed.ToColumn()))!.ToPublicText());
        Assert.Equal(seed.ToPublicText(), WebhookSecret.TryParse(SignatureScheme.PublicKey, Text(pair))!.ToPublicText());
        pair[40] ^= 1;
        Assert.Null(WebhookSecret.TryParse(SignatureScheme.PublicKey, Text(pair)));
        Assert.Null(WebhookSecret.TryParse(SignatureScheme.PublicKey, Text(pair[..33])));
        Assert.Null(WebhookSecret.TryParse(SignatureScheme.PublicKey, "whsec_" + Convert.ToBase64String(seed.ToColumn())));
    }
}
