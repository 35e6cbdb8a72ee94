using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Npgsql;

namespace Platform.ServiceDefaults.Telemetry.Metrics;

/// <summary>
/// Prometheus' text format 0.0.4, names by OpenTelemetry's mapping: dots become underscores, the unit is spelled out at the end,
/// counters end in <c>_total</c>.
/// </summary>
internal sealed class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";
    private const string PoolName = "db.client.connection.pool.name";
    private readonly StringBuilder _text = new(16 * 1024);

    /// <summary>The name of an instrument's metric.</summary>
    public static string Name(Instrument instrument)
    {
        var type = instrument.GetType().GetGenericTypeDefinition();
        var name = Identifier(instrument.Name);
        var unit = instrument.Unit switch
        {
            null or "" => "",
            "s" => "_seconds",
            "ms" => "_milliseconds",
            "By" => "_bytes",
            "1" => type == typeof(Gauge<>) || type == typeof(ObservableGauge<>) ? "_ratio" : "",
            var annotated when annotated.StartsWith('{') => "",
            var other => "_" + Identifier(other),
        };
        if (!name.EndsWith(unit, StringComparison.Ordinal))
        {
            name += unit;
        }

        var counts = type == typeof(Counter<>) || type == typeof(ObservableCounter<>);
        return counts && !name.EndsWith("_total", StringComparison.Ordinal) ? name + "_total" : name;
    }

    /// <summary>Tags as labels, in the order of their names. Names that become the same are one label with both values.</summary>
    public static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in tags)
        {
            var name = Identifier(key);
            var text = Convert.ToString(key == PoolName ? WithoutConnectionString(value) : value, CultureInfo.InvariantCulture) ?? "";
            labels[name] = labels.TryGetValue(name, out var earlier) ? earlier + ";" + text : text;
        }

        return string.Join(',', labels.Select(l => $"{l.Key}=\"{Escape(l.Value).Replace("\"", "\\\"", StringComparison.Ordinal)}\""));
    }

    public void Write(Metric metric, long scrape)
    {
        var series = metric.All.Where(s => !metric.IsObservable || s.Measured == scrape).ToArray();
        if (series.Length == 0)
        {
            return;
        }

        _text.Append("# HELP ").Append(metric.Name).Append(' ').Append(Escape(metric.Help)).Append('\n');
        _text.Append("# TYPE ").Append(metric.Name).Append(' ').Append(TypeName(metric.Kind)).Append('\n');
        foreach (var one in series)
        {
            if (metric.Kind == MetricKind.Histogram)
            {
                WriteHistogram(metric, one);
            }
            else
            {
                WriteSample(metric.Name, "", one.Labels, one.Value);
            }
        }
    }

    public ReadOnlyMemory<byte> ToUtf8() => Encoding.UTF8.GetBytes(_text.ToString());

    /// <summary>A connection without a data source is named by its connection string: where the database is and as whom we come is not for everybody.</summary>
    private static object? WithoutConnectionString(object? name) =>
        name is string text && text.Contains('=', StringComparison.Ordinal)
            ? new NpgsqlConnectionStringBuilder(text) is var settings ? $"{settings.ApplicationName}@{settings.Database}" : null
            : name;

    private static string TypeName(MetricKind kind) => kind switch
    {
        MetricKind.Counter => "counter",
        MetricKind.Histogram => "histogram",
        _ => "gauge",
    };

    private void WriteHistogram(Metric metric, Series series)
    {
        // The count is the sum of the buckets as they were read, so that a measurement in between cannot make them disagree.
        var separator = series.Labels.Length == 0 ? "" : ",";
        long total = 0;
        for (var i = 0; i <= metric.Bounds.Count; i++)
        {
            total += series.InBucket(i);
            var bound = i == metric.Bounds.Count ? "+Inf" : Number(metric.Bounds[i]);
            WriteSample(metric.Name, "_bucket", $"{series.Labels}{separator}le=\"{bound}\"", total);
        }

        WriteSample(metric.Name, "_sum", series.Labels, series.Value);
        WriteSample(metric.Name, "_count", series.Labels, total);
    }

    private void WriteSample(string name, string suffix, string labels, double value)
    {
        _text.Append(name).Append(suffix);
        if (labels.Length > 0)
        {
            _text.Append('{').Append(labels).Append('}');
        }

        _text.Append(' ').Append(Number(value)).Append('\n');
    }

    private static string Number(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf"
        : double.IsNegativeInfinity(value) ? "-Inf"
        : value.ToString("R", CultureInfo.InvariantCulture);

    private static string Escape(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static string Identifier(string name)
    {
        var chars = name.ToCharArray();
        for (var i = 0; i < chars.Length; i++)
        {
            if (!char.IsAsciiLetterOrDigit(chars[i]) && chars[i] != '_')
            {
                chars[i] = '_';
            }
        }

        return chars.Length > 0 && char.IsAsciiDigit(chars[0]) ? "_" + new string(chars) : new string(chars);
    }
}
