using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Platform.ServiceDefaults.Authentication;

namespace Platform.ServiceDefaults.Peers;

/// <summary>
/// The credential of a call from service to service: <c>pst1.CLAIMS.MAC</c>, JSON and the HMAC-SHA256 of all before it, in base64url. It is good for one
/// service and five minutes. There is one algorithm, and no field that names it.
/// </summary>
internal sealed class ServiceTokens(ServiceSecret secret, TimeProvider clock)
{
    public const string Prefix = "pst1.";
    private const int MaxLength = 4096;

    /// <summary>How long a token is good for.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    // Clocks of services differ.
    private static readonly TimeSpan Leeway = TimeSpan.FromSeconds(30);

    /// <param name="audience">The service that it is for.</param>
    /// <exception cref="ServiceCallException">There is no secret.</exception>
    public string Issue(ServiceCaller caller, string audience)
    {
        if (secret.Keys.Count == 0)
        {
            throw new ServiceCallException($"This service cannot call '{audience}': {ServiceSecret.Setting} is not set.");
        }

        var claims = new Claims(audience, caller.TenantId, caller.KeyId, caller.Actor, Roles.Developer, caller.Scopes, (clock.GetUtcNow() + Lifetime).ToUnixTimeSeconds());
        var signed = Prefix + Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(claims, ClaimsJson.Default.Claims));
        return $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(secret.Keys[0], Encoding.ASCII.GetBytes(signed)))}";
    }

    /// <summary>Whom a token speaks for; null where it is forged, expired, or for another service.</summary>
    /// <param name="isOurs">True for the names of services that this process hosts.</param>
    public Principal? Verify(ReadOnlySpan<char> token, Func<string, bool> isOurs)
    {
        var end = token.LastIndexOf('.');
        if (token.Length > MaxLength || end <= Prefix.Length || !Ascii.IsValid(token))
        {
            return null;
        }

        Span<byte> given = stackalloc byte[HMACSHA256.HashSizeInBytes];
        var mac = token[(end + 1)..];
        if (mac.Length != Base64Url.GetEncodedLength(given.Length) || !Base64Url.IsValid(mac) || !Base64Url.TryDecodeFromChars(mac, given, out var written) || written != given.Length
            || !IsSigned(Encoding.ASCII.GetBytes(token[..end].ToArray()), given))
        {
            return null;
        }

        // From here on it is our own word.
        var claims = JsonSerializer.Deserialize(Base64Url.DecodeFromChars(token[Prefix.Length..end]), ClaimsJson.Default.Claims)!;
        var left = DateTimeOffset.FromUnixTimeSeconds(claims.Exp) - clock.GetUtcNow();
        return left > TimeSpan.Zero && left <= Lifetime + Leeway && isOurs(claims.Aud)
            ? new Principal(claims.Tenant, claims.Key ?? Guid.Empty, claims.Role, claims.Scopes.ToHashSet(StringComparer.Ordinal))
            {
                IsService = true, Actor = claims.Key is null ? claims.Actor : Principal.ActorOf(claims.Key.Value),
            }
            : null;
    }

    /// <summary>All keys are tried, whichever fits: how long it takes says nothing.</summary>
    private bool IsSigned(byte[] signed, ReadOnlySpan<byte> given)
    {
        var fits = false;
        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        foreach (var key in secret.Keys)
        {
            HMACSHA256.HashData(key, signed, expected);
            fits |= CryptographicOperations.FixedTimeEquals(expected, given);
        }

        return fits;
    }
}

/// <param name="Aud">The service.</param>
/// <param name="Exp">Unix time.</param>
internal sealed record Claims(string Aud, Guid Tenant, Guid? Key, string Actor, string Role, IReadOnlyList<string> Scopes, long Exp);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Claims))]
internal sealed partial class ClaimsJson : JsonSerializerContext;
