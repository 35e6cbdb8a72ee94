using System.Text;
using Microsoft.Extensions.Configuration;
using Platform.ServiceDefaults.Hosting;

namespace Platform.ServiceDefaults.Peers;

/// <summary>
/// <c>PLATFORM_SERVICE_SECRET</c>, which the services share and nobody else knows. Several, by commas, while it is changed: the first signs, all verify.
/// </summary>
public sealed class ServiceSecret
{
    /// <summary>The setting.</summary>
    public const string Setting = "PLATFORM_SERVICE_SECRET";

    /// <summary>Characters that a secret must have at least.</summary>
    public const int MinLength = 32;

    /// <exception cref="StartupException">It is too short to be one.</exception>
    public ServiceSecret(IConfiguration configuration)
    {
        var secrets = (configuration[Setting] ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Keys = Array.ConvertAll(secrets, Encoding.UTF8.GetBytes);
        if (secrets.Any(s => s.Length < MinLength))
        {
            throw new StartupException($"{Setting} must have {MinLength} characters or more, such as what `openssl rand -hex 32` prints.");
        }
    }

    /// <summary>Empty where there is none: then no service can call another, and none accepts such a call.</summary>
    internal IReadOnlyList<byte[]> Keys { get; }
}
