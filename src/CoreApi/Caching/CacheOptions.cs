using System.ComponentModel.DataAnnotations;

namespace Platform.CoreApi.Caching;

/// <summary>Settings under <c>Cache</c>.</summary>
public sealed class CacheOptions
{
    /// <summary>Bytes of resources that a process holds in memory; 0 holds none. 64 MiB by default.</summary>
    [Range(0, long.MaxValue)]
    public long MaxBytes { get; set; } = 64 << 20;

    /// <summary>Bytes of one tenant's resources among them, so that one cannot push the others out. 16 MiB by default.</summary>
    [Range(0, long.MaxValue)]
    public long MaxBytesPerTenant { get; set; } = 16 << 20;

    /// <summary>How long a process must have been the only one before it answers from memory: another that only lost a session is back by then. 5 s by default.</summary>
    public TimeSpan AloneAfter { get; set; } = TimeSpan.FromSeconds(5);
}
