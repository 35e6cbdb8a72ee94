using Microsoft.AspNetCore.Http;
using Platform.ServiceDefaults.Authentication.Keys;
using Platform.ServiceDefaults.Problems;

namespace Platform.ServiceDefaults.Authentication;

/// <summary>
/// API keys. What can be said without looking is said precisely; an unknown, revoked or expired key and a wrong secret get one
/// and the same answer.
/// </summary>
internal sealed class ApiKeyAuthenticator(KeyDirectory directory, TimeProvider clock) : IAuthenticator
{
    private const string Scheme = "Bearer ";
    private static readonly Problem Absent = KnownProblems.Unauthenticated("Send an API key in the header Authorization: Bearer.");
    private static readonly Problem Twice = KnownProblems.Unauthenticated("There must be one Authorization header.");
    private static readonly Problem OtherScheme = KnownProblems.Unauthenticated("The Authorization scheme must be Bearer.");
    private static readonly Problem Malformed = KnownProblems.Unauthenticated("This is not an API key: its form or its checksum is wrong.");
    private static readonly Problem Refused = KnownProblems.Unauthenticated("The API key is not valid.");

    public ValueTask<(Principal? Principal, Problem? Problem)> AuthenticateAsync(HttpContext http)
    {
        var header = http.Request.Headers.Authorization;
        if (header.Count != 1)
        {
            return Refuse(header.Count == 0 ? Absent : Twice);
        }

        var credentials = header[0].AsSpan();
        if (!credentials.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return Refuse(credentials.IsWhiteSpace() ? Absent : OtherScheme);
        }

        var text = credentials[Scheme.Length..].Trim(' ');
        if (!ApiKeyText.TryParse(text, out var id))
        {
            return Refuse(Malformed);
        }

        var found = directory.FindAsync(id, http.RequestAborted);
        return found.IsCompletedSuccessfully ? new(Check(found.Result, text)) : AwaitAsync(found, text.ToString());
    }

    private static ValueTask<(Principal?, Problem?)> Refuse(Problem problem) => new((null, problem));

    private async ValueTask<(Principal?, Problem?)> AwaitAsync(ValueTask<KnownKey?> found, string text) => Check(await found, text);

    private (Principal?, Problem?) Check(KnownKey? key, ReadOnlySpan<char> text)
    {
        Span<byte> hash = stackalloc byte[ApiKeyText.HashLength];
        ApiKeyText.Hash(text, hash);
        return key is not null && key.Accepts(hash, clock.GetUtcNow()) ? (key.Principal, null) : (null, Refused);
    }
}
