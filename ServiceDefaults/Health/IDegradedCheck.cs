namespace Platform.ServiceDefaults.Health;

/// <summary>
/// Something that some requests need and others do not: while it is away readiness says <c>degraded</c>, which is 200. What it says was
/// looked at earlier, so that asking costs nothing.
/// </summary>
public interface IDegradedCheck
{
    string Name { get; }

    /// <summary>Null when all is well, else why not: one line, no secrets.</summary>
    string? Reason { get; }
}
