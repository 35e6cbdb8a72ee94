using System.Security.Cryptography;
using Platform.ServiceDefaults.Problems;

namespace Platform.CoreApi.Files.Uploads;

/// <summary>
/// What the caller says the SHA-256 is. <c>Content-Digest: sha-256=:...:</c> (RFC 9530) is about the body as it is sent, so about the whole
/// multipart body where there is one; <c>X-Content-SHA256</c>, in hexadecimal, is about the file.
/// </summary>
internal sealed record ContentDigest(byte[]? OfBody, byte[]? OfFile)
{
    /// <summary>What the link by which the file comes is for; null for any content.</summary>
    public byte[]? Promised { get; init; }

    public const string BodyHeader = "Content-Digest";
    public const string FileHeader = "X-Content-SHA256";
    private const string Algorithm = "sha-256=:";

    public static ContentDigest Read(HttpContext http, List<InputError> errors) =>
        new(ReadBody(http.Request.Headers[BodyHeader].ToString(), errors), ReadFile(http.Request.Headers[FileHeader].ToString(), errors));

    /// <summary>Null where both hold.</summary>
    public Problem? Check(byte[] body, byte[] file) =>
        OfBody is not null && !CryptographicOperations.FixedTimeEquals(OfBody, body) ? FileProblems.DigestMismatch(BodyHeader)
        : OfFile is not null && !CryptographicOperations.FixedTimeEquals(OfFile, file) ? FileProblems.DigestMismatch(FileHeader)
        : Promised is not null && !CryptographicOperations.FixedTimeEquals(Promised, file) ? FileProblems.DigestMismatch("the link's 'sha256'")
        : null;

    /// <summary>Digests by other algorithms are for others; a header that has none we know is refused, since the caller counts on it.</summary>
    private static byte[]? ReadBody(string header, List<InputError> errors)
    {
        if (header.Length == 0)
        {
            return null;
        }

        foreach (var part in header.Split(',', StringSplitOptions.TrimEntries))
        {
            var digest = new byte[SHA256.HashSizeInBytes];
            if (part.StartsWith(Algorithm, StringComparison.OrdinalIgnoreCase) && part.EndsWith(':') && part.Length > Algorithm.Length
                && Convert.TryFromBase64String(part[Algorithm.Length..^1], digest, out var written) && written == digest.Length)
            {
                return digest;
            }
        }

        errors.Add(new(BodyHeader, "invalid_digest", "Content-Digest must hold sha-256=:...: with the digest in base64."));
        return null;
    }

    private static byte[]? ReadFile(string header, List<InputError> errors)
    {
        if (header.Length == 0)
        {
            return null;
        }

        if (header.Length == SHA256.HashSizeInBytes * 2 && header.All(char.IsAsciiHexDigit))
        {
            return Convert.FromHexString(header);
        }

        errors.Add(new(FileHeader, "invalid_digest", "X-Content-SHA256 must have 64 hexadecimal digits."));
        return null;
    }
}
