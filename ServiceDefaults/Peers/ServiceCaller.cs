namespace Platform.ServiceDefaults.Peers;

/// <summary>On whose behalf one service calls another.</summary>
/// <param name="TenantId">The organization; it sees nothing of others.</param>
/// <param name="KeyId">The API key that set off what calls; null for none. It need not be valid any more.</param>
/// <param name="Actor">What calls, as history shows it where there is no key: <c>job_...</c></param>
/// <param name="Scopes">What it may do there, and nothing else.</param>
public sealed record ServiceCaller(Guid TenantId, Guid? KeyId, string Actor, IReadOnlyList<string> Scopes);

/// <summary>A call to another service cannot be made, or was not answered however often it was tried; the message is fit for the organization's eyes.</summary>
public sealed class ServiceCallException(string message, Exception? inner = null) : Exception(message, inner);
