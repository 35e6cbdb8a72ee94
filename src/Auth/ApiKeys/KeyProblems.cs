using Platform.ServiceDefaults.Problems;

namespace Platform.Auth.ApiKeys;

/// <summary>The expected failures of key management.</summary>
internal static class KeyProblems
{
    public static Problem NotFound() => KnownProblems.NotFound("API key");

    /// <summary>A key cannot make, roll or revoke one that may more than itself.</summary>
    public static Problem Stronger(string what) =>
        new(StatusCodes.Status403Forbidden, "forbidden", "Not permitted", $"The key that asks may less than this needs: {what}.");

    public static Problem CallerRevoked() => KnownProblems.Unauthenticated("The API key is not valid.");

    public static Problem LastOwner() =>
        new(StatusCodes.Status409Conflict, "last_owner_key", "The last owner key cannot be revoked",
            "No other key with the role owner that may manage keys is left. Make another one first, or rotate this one.");

    public static Problem Ended() =>
        new(StatusCodes.Status409Conflict, "api_key_ended", "The API key no longer works", "A revoked or expired key cannot be rotated.");
}
