using System.Security.Cryptography;

namespace Platform.Notifications.Signing;

/// <summary>
/// The key that an endpoint's webhooks are signed with. Everything that knows how it is written, to callers and to the
/// database, is here, so that keeping it encrypted is a change of this class alone.
/// </summary>
internal sealed class WebhookSecret
{
    private const string Prefix = "whsec_";
    private const int Length = 32;
    private readonly byte[] _key;

    private WebhookSecret(byte[] key) => _key = key;

    public static WebhookSecret Create() => new(RandomNumberGenerator.GetBytes(Length));

    /// <summary>Reads the column; <see cref="ToColumn"/> wrote it.</summary>
    public static WebhookSecret FromColumn(byte[] column) => new(column);

    /// <summary>Reads what a caller was shown: <c>whsec_</c> and the key in base64.</summary>
    public static WebhookSecret Parse(string text) => new(Convert.FromBase64String(text[Prefix.Length..]));

    public byte[] ToColumn() => _key;

    /// <summary>As callers and their libraries take it.</summary>
    public string ToText() => Prefix + Convert.ToBase64String(_key);

    public void Sign(ReadOnlySpan<byte> content, Span<byte> signature) => HMACSHA256.HashData(_key, content, signature);
}
