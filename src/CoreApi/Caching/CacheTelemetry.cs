using System.Diagnostics.Metrics;

namespace Platform.CoreApi.Caching;

/// <summary>How well the read cache does: <c>platform.cache.reads</c> by <c>result</c> (hit, shared, miss), <c>platform.cache.size</c> in bytes.</summary>
internal sealed class CacheTelemetry : IDisposable
{
    /// <summary>Starts as every meter of the platform does, which is how <c>/metrics</c> finds it.</summary>
    public const string MeterName = "Platform.CoreApi";

    private static readonly KeyValuePair<string, object?> HitTag = new("result", "hit");
    private static readonly KeyValuePair<string, object?> SharedTag = new("result", "shared");
    private static readonly KeyValuePair<string, object?> MissTag = new("result", "miss");
    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _reads;

    public CacheTelemetry() => _reads = _meter.CreateCounter<long>("platform.cache.reads", "{read}", "Reads of single resources, by where the answer came from.");

    public void Hit() => _reads.Add(1, HitTag);

    /// <summary>Beside the miss in memory that led there.</summary>
    public void Shared() => _reads.Add(1, SharedTag);

    public void Miss() => _reads.Add(1, MissTag);

    public void Observe(Func<long> bytes) => _meter.CreateObservableGauge("platform.cache.size", bytes, "By", "Resources held in memory.");

    public void Dispose() => _meter.Dispose();
}
