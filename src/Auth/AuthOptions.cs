using System.ComponentModel.DataAnnotations;

namespace Platform.Auth;

/// <summary>Settings under <c>Auth</c>.</summary>
internal sealed class AuthOptions
{
    /// <summary>What new keys say of where they belong: <c>live</c> or <c>test</c>.</summary>
    [RegularExpression("live|test")]
    public string KeyEnvironment { get; set; } = "live";

    /// <summary>
    /// A key whose last event is older is published again: well within the 90 days that the topic keeps, so that the topic always
    /// holds every key that works.
    /// </summary>
    public TimeSpan RepublishAfter { get; set; } = TimeSpan.FromDays(30);
}
