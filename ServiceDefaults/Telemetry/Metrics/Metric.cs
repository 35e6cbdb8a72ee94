using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Platform.ServiceDefaults.Telemetry.Metrics;

internal enum MetricKind
{
    Counter,
    Gauge,
    Histogram,
}

/// <summary>One metric and its series, one for each set of labels. Bounded: what would be one too many is counted together.</summary>
internal sealed class Metric
{
    private const int MaxSeries = 1000;

    /// <summary>As OpenTelemetry's SDKs name it.</summary>
    private const string Overflow = "otel_metric_overflow=\"true\"";
    private static readonly double[] Seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
    private static readonly double[] Numbers = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 5_000, 10_000, 100_000, 1_000_000];

    /// <summary>By the tags as they come: the way of every measurement but the first.</summary>
    private readonly ConcurrentDictionary<KeyValuePair<string, object?>[], Series> _byTags = new(TagComparer.Instance);
    private readonly ConcurrentDictionary<KeyValuePair<string, object?>[], Series>.AlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>> _find;

    /// <summary>By the labels as they are written: the same tags in another order are the same series.</summary>
    private readonly ConcurrentDictionary<string, Series> _byLabels = new(StringComparer.Ordinal);
    private readonly bool _isAbsolute;

    public Metric(string name, Instrument instrument)
    {
        Name = name;
        Help = instrument.Description ?? "";
        var type = instrument.GetType().GetGenericTypeDefinition();
        Kind = type == typeof(Counter<>) || type == typeof(ObservableCounter<>) ? MetricKind.Counter
            : type == typeof(Histogram<>) ? MetricKind.Histogram
            : MetricKind.Gauge;
        IsObservable = instrument.IsObservable;
        _isAbsolute = IsObservable || type == typeof(Gauge<>);
        Bounds = Kind == MetricKind.Histogram ? BoundsOf(instrument) : [];
        _find = _byTags.GetAlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>>();
    }

    public string Name { get; }
    public string Help { get; }
    public MetricKind Kind { get; }

    /// <summary>Measured when it is asked for: series that were not measured for this scrape are gone.</summary>
    public bool IsObservable { get; }

    /// <summary>Upper bounds of a histogram's buckets, without the last, infinite one.</summary>
    public IReadOnlyList<double> Bounds { get; }
    public IEnumerable<Series> All => _byLabels.Values.OrderBy(s => s.Labels, StringComparer.Ordinal);

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, long scrape)
    {
        if (!_find.TryGetValue(tags, out var series))
        {
            series = Add(tags);
        }

        if (_isAbsolute)
        {
            series.Set(value, scrape);
        }
        else if (Kind == MetricKind.Histogram)
        {
            series.Count(value, Bucket(value));
        }
        else
        {
            series.Add(value);
        }
    }

    private static double[] BoundsOf(Instrument instrument) =>
        (instrument as Histogram<double>)?.Advice?.HistogramBucketBoundaries is { } advised ? [.. advised] : instrument.Unit == "s" ? Seconds : Numbers;

    private Series Add(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = PrometheusText.Labels(tags);
        if (!_byLabels.TryGetValue(labels, out var series))
        {
            series = _byLabels.GetOrAdd(_byLabels.Count < MaxSeries ? labels : Overflow, static (l, m) => new(l, m.Bounds.Count + 1), this);
        }

        // Tags of the overflow and of other orders cost a slower look each time, but no memory without end.
        return _byTags.Count < MaxSeries ? _byTags.GetOrAdd(tags.ToArray(), series) : series;
    }

    private int Bucket(double value)
    {
        var i = 0;
        while (i < Bounds.Count && value > Bounds[i])
        {
            i++;
        }

        return i;
    }

    private sealed class TagComparer
        : IEqualityComparer<KeyValuePair<string, object?>[]>, IAlternateEqualityComparer<ReadOnlySpan<KeyValuePair<string, object?>>, KeyValuePair<string, object?>[]>
    {
        public static readonly TagComparer Instance = new();

        public bool Equals(KeyValuePair<string, object?>[]? x, KeyValuePair<string, object?>[]? y) => Equals(x.AsSpan(), y!);

        public int GetHashCode(KeyValuePair<string, object?>[] obj) => GetHashCode(obj.AsSpan());

        public KeyValuePair<string, object?>[] Create(ReadOnlySpan<KeyValuePair<string, object?>> alternate) => alternate.ToArray();

        public bool Equals(ReadOnlySpan<KeyValuePair<string, object?>> alternate, KeyValuePair<string, object?>[] other)
        {
            if (alternate.Length != other.Length)
            {
                return false;
            }

            for (var i = 0; i < other.Length; i++)
            {
                if (alternate[i].Key != other[i].Key || !Equals(alternate[i].Value, other[i].Value))
                {
                    return false;
                }
            }

            return true;
        }

        public int GetHashCode(ReadOnlySpan<KeyValuePair<string, object?>> alternate)
        {
            var hash = new HashCode();
            foreach (var tag in alternate)
            {
                hash.Add(tag.Key);
                hash.Add(tag.Value);
            }

            return hash.ToHashCode();
        }
    }
}

/// <summary>The numbers of one set of labels.</summary>
/// <param name="Labels">As written, without braces.</param>
internal sealed record Series(string Labels, int BucketCount)
{
    private readonly long[] _buckets = new long[BucketCount];
    private double _value;
    private long _measured;

    /// <summary>The value; a histogram's sum.</summary>
    public double Value => Volatile.Read(ref _value);

    /// <summary>The scrape that an absolute value was measured for.</summary>
    public long Measured => Volatile.Read(ref _measured);

    public long InBucket(int bucket) => Volatile.Read(ref _buckets[bucket]);

    public void Set(double value, long scrape)
    {
        Volatile.Write(ref _value, value);
        Volatile.Write(ref _measured, scrape);
    }

    public void Count(double value, int bucket)
    {
        Interlocked.Increment(ref _buckets[bucket]);
        Add(value);
    }

    public void Add(double value)
    {
        for (var seen = Value; ;)
        {
            var found = Interlocked.CompareExchange(ref _value, seen + value, seen);
            if (found.Equals(seen))
            {
                return;
            }

            seen = found;
        }
    }
}
