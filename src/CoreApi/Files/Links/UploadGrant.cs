using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json;

namespace Platform.CoreApi.Files.Links;

/// <summary>
/// The right to upload one file until a moment, in a URL: what the file will be, on whose behalf, and HMAC-SHA256 over all of it. Its id is the
/// idempotency key of the upload, so a link makes one file however often it is used.
/// </summary>
/// <param name="ContentType">What the upload must say it is; null for whatever it says.</param>
/// <param name="Labels">A flat JSON object of strings in UTF-8.</param>
/// <param name="Sha256">What the content must be; null for any.</param>
internal sealed record UploadGrant(
    Guid Id, Guid Tenant, Guid Key, DateTimeOffset ExpiresAt, string Name, string? ContentType, byte[] Labels, long MaxBytes, byte[]? Sha256)
{
    /// <summary>Characters of a token, so that every proxy on the way takes the URL.</summary>
    public const int MaxToken = 4096;

    private static readonly int MacLength = Base64Url.GetEncodedLength(HMACSHA256.HashSizeInBytes);

    public string Sign(byte[] secret)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(this);
        return Base64Url.EncodeToString(Mac(body, secret)) + Base64Url.EncodeToString(body);
    }

    /// <summary>False for what was not signed by us.</summary>
    public static bool TryRead(string text, byte[] secret, [NotNullWhen(true)] out UploadGrant? grant)
    {
        grant = null;
        if (text.Length <= MacLength || text.Length > MaxToken || !Base64Url.IsValid(text.AsSpan(0, MacLength)) || !Base64Url.IsValid(text.AsSpan(MacLength)))
        {
            return false;
        }

        var body = Base64Url.DecodeFromChars(text.AsSpan(MacLength));
        if (!CryptographicOperations.FixedTimeEquals(Base64Url.DecodeFromChars(text.AsSpan(0, MacLength)), Mac(body, secret)))
        {
            return false;
        }

        grant = JsonSerializer.Deserialize<UploadGrant>(body)!;
        return true;
    }

    /// <summary>Over its purpose too: what is signed to be read cannot be taken for this.</summary>
    private static byte[] Mac(byte[] body, byte[] secret) => HMACSHA256.HashData(secret, (byte[])[.. "upload\0"u8, .. body]);
}
