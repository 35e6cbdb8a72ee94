using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Platform.ServiceDefaults.Telemetry.Metrics;

/// <summary>Keeps the current value of every instrument of this process for <c>/metrics</c>. Instruments of one name are one metric.</summary>
internal sealed class MetricsListener : IDisposable
{
    private readonly ConcurrentDictionary<string, Metric> _metrics = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();
    private readonly Lock _scraping = new();
    private long _scrapes;

    public MetricsListener()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (TelemetrySources.IsMeter(instrument.Meter.Name))
            {
                listener.EnableMeasurementEvents(instrument, _metrics.GetOrAdd(PrometheusText.Name(instrument), static (name, i) => new(name, i), instrument));
            }
        };
        _listener.SetMeasurementEventCallback<byte>((_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<short>((_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<int>((_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<long>((_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<float>((_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<double>((_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<decimal>((_, value, tags, state) => Record((double)value, tags, state));
        _listener.Start();
    }

    /// <summary>All metrics now, UTF-8.</summary>
    public ReadOnlyMemory<byte> Scrape()
    {
        lock (_scraping)
        {
            _scrapes++;
            try
            {
                _listener.RecordObservableInstruments();
            }
            catch (AggregateException)
            {
                // An instrument that cannot say its value now is left out; the others are there.
            }

            var text = new PrometheusText();
            foreach (var metric in _metrics.Values.OrderBy(m => m.Name, StringComparer.Ordinal))
            {
                text.Write(metric, _scrapes);
            }

            return text.ToUtf8();
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state) => ((Metric)state!).Record(value, tags, _scrapes);
}
