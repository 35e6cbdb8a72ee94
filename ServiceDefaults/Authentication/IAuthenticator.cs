using Microsoft.AspNetCore.Http;
using Platform.ServiceDefaults.Problems;

namespace Platform.ServiceDefaults.Authentication;

/// <summary>Finds out who makes a request.</summary>
public interface IAuthenticator
{
    /// <summary>The principal, or why there is none: always a 401 that does not tell an unknown key from a revoked one by timing or text beyond what is documented.</summary>
    ValueTask<(Principal? Principal, Problem? Problem)> AuthenticateAsync(HttpContext http);
}
