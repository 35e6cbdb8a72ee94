namespace Platform.ServiceDefaults.Health;

/// <summary>One condition of readiness.</summary>
public interface IReadinessCheck
{
    string Name { get; }

    /// <summary>Null when requests will succeed as far as this is concerned, else the reason why not. One that fails or takes long is a reason too.</summary>
    Task<string?> WhyNotAsync(CancellationToken cancellationToken);
}
