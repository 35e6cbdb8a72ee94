using Microsoft.Extensions.Options;
using Platform.Contracts.Identifiers;
using Platform.ServiceDefaults.Authentication;

namespace Platform.CoreApi.Files;

/// <summary>What a caller may store. Asked once for each upload, so that plans can answer as well as settings.</summary>
internal interface IFileLimits
{
    ValueTask<FileLimits> OfAsync(Principal principal, CancellationToken cancellationToken);
}

/// <summary>The limits of the settings: those of the organization, else everybody's.</summary>
internal sealed class ConfiguredFileLimits(IOptions<FilesOptions> options) : IFileLimits
{
    public ValueTask<FileLimits> OfAsync(Principal principal, CancellationToken cancellationToken) =>
        ValueTask.FromResult(options.Value.Organizations.GetValueOrDefault(TypeId.Format(IdPrefix.Organization, principal.TenantId)) ?? options.Value.Limits);
}
