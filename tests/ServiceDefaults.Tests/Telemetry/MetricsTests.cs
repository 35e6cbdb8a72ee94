using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Telemetry.Metrics;
using Platform.Testing;

namespace Platform.ServiceDefaults.Tests.Telemetry;

public sealed partial class MetricsTests : IDisposable
{
    private readonly Meter _meter = new("Platform.Tests.Metrics");
    private readonly MetricsListener _listener = new();

    [Fact]
    public void NamesCarryUnitAndKind()
    {
        _meter.CreateCounter<long>("test.events", "{event}").Add(2);
        _meter.CreateCounter<int>("test.sent", "By").Add(3);
        _meter.CreateUpDownCounter<int>("test.open").Add(-4);
        _meter.CreateObservableGauge("test.load", () => 0.5, "1");
        _meter.CreateGauge<double>("test.9-lives", "ms").Record(1.5);

        var samples = Scrape();
        Assert.Equal(2, samples["test_events_total"]);
        Assert.Equal(3, samples["test_sent_bytes_total"]);
        Assert.Equal(-4, samples["test_open"]);
        Assert.Equal(0.5, samples["test_load_ratio"]);
        Assert.Equal(1.5, samples["test_9_lives_milliseconds"]);
    }

    [Fact]
    public void HistogramsAddUp()
    {
        var histogram = _meter.CreateHistogram<double>("test.wait", "s");
        foreach (var value in (double[])[0.0005, 0.001, 0.002, 100])
        {
            histogram.Record(value, new KeyValuePair<string, object?>("group", "a"));
        }

        var samples = Scrape();
        Assert.Equal(2, samples["test_wait_seconds_bucket{group=\"a\",le=\"0.001\"}"]);
        Assert.Equal(3, samples["test_wait_seconds_bucket{group=\"a\",le=\"60\"}"]);
        Assert.Equal(4, samples["test_wait_seconds_bucket{group=\"a\",le=\"+Inf\"}"]);
        Assert.Equal(4, samples["test_wait_seconds_count{group=\"a\"}"]);
        Assert.Equal(100.0035, samples["test_wait_seconds_sum{group=\"a\"}"], 6);
    }

    [Fact]
    public void LabelsAreEscapedAndTheirOrderMakesNoDifference()
    {
        var counter = _meter.CreateCounter<long>("test.labels");
        counter.Add(1, new("b.c", "say \"hi\"\n\\"), new("a", null));
        counter.Add(1, new("a", null), new("b.c", "say \"hi\"\n\\"));

        Assert.Equal(2, Scrape()["test_labels_total{a=\"\",b_c=\"say \\\"hi\\\"\\n\\\\\"}"]);
    }

    [Fact]
    public void SeriesAreBounded()
    {
        var counter = _meter.CreateCounter<long>("test.flood");
        for (var i = 0; i < 5000; i++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("id", i));
        }

        var series = Scrape().Where(s => s.Key.StartsWith("test_flood_total", StringComparison.Ordinal)).ToArray();
        Assert.InRange(series.Length, 1000, 1001);
        Assert.Equal(5000, series.Sum(s => s.Value));
        Assert.Equal(4000, series.Single(s => s.Key.Contains("otel_metric_overflow=\"true\"", StringComparison.Ordinal)).Value);
    }

    [Fact]
    public async Task NothingIsLostUnderConcurrency()
    {
        var counter = _meter.CreateCounter<long>("test.busy");
        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(() =>
        {
            for (var n = 0; n < 20_000; n++)
            {
                counter.Add(1, new KeyValuePair<string, object?>("n", n % 10));
            }
        })));

        Assert.Equal(80_000, Scrape().Where(s => s.Key.StartsWith("test_busy_total", StringComparison.Ordinal)).Sum(s => s.Value));
    }

    [Fact]
    public void WhatIsNoLongerObservedIsGoneAndAFailingInstrumentHidesNoOther()
    {
        var there = true;
        _meter.CreateObservableGauge("test.seen", () => there ? [new Measurement<int>(7)] : Array.Empty<Measurement<int>>());
        _meter.CreateObservableGauge("test.broken", new Func<int>(() => throw new InvalidOperationException()));
        Assert.Equal(7, Scrape()["test_seen"]);

        there = false;
        Assert.DoesNotContain("test_seen", Scrape().Keys);
    }

    [Fact]
    public async Task AServiceServesItsOwnAndTheFrameworksMetrics()
    {
        await using var service = await SampleService.StartAsync(app => app.MapGet("/v1/things/{id}", (string id) => id).AllowEverybody());
        using var client = new HttpClient { BaseAddress = service.BaseAddress };
        await client.GetStringAsync("/v1/things/1");
        await client.GetStringAsync("/v1/things/2");
        await Eventually.IsTrueAsync(
            async () => (await client.GetStringAsync("/metrics")).Contains("platform_relay_leader", StringComparison.Ordinal), "the relay leads");

        var response = await client.GetAsync("/metrics");
        Assert.Equal(MediaTypeHeaderValue.Parse("text/plain; version=0.0.4; charset=utf-8"), response.Content.Headers.ContentType);
        var samples = Parse(await response.Content.ReadAsStringAsync());
        Assert.Contains(samples, s => s.Value >= 2 && s.Key.StartsWith("http_server_request_duration_seconds_count{", StringComparison.Ordinal)
            && s.Key.Contains("http_route=\"/v1/things/{id}\"", StringComparison.Ordinal));
        Assert.Contains(samples.Keys, k => k.StartsWith("platform_relay_leader", StringComparison.Ordinal));
        Assert.Contains(samples.Keys, k => k.StartsWith("dotnet_process_memory", StringComparison.Ordinal));
        Assert.Contains(samples.Keys, k => k.StartsWith("db_client_", StringComparison.Ordinal));

        // Who the database's user is and where it runs is nobody's business here.
        Assert.DoesNotContain(samples.Keys, k => k.Contains("Username", StringComparison.OrdinalIgnoreCase) || k.Contains("Host=", StringComparison.OrdinalIgnoreCase));
    }

    public void Dispose()
    {
        _listener.Dispose();
        _meter.Dispose();
    }

    private Dictionary<string, double> Scrape() => Parse(Encoding.UTF8.GetString(_listener.Scrape().Span));

    /// <summary>As a scraper reads it: each line must be a comment or a sample, each metric has one type before its samples, no series twice.</summary>
    private static Dictionary<string, double> Parse(string text)
    {
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        var types = new Dictionary<string, string>(StringComparer.Ordinal);
        var samples = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var line in text.TrimEnd('\n').Split('\n'))
        {
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                var parts = line.Split(' ');
                types.Add(parts[2], parts[3]);
            }
            else if (!line.StartsWith("# HELP ", StringComparison.Ordinal))
            {
                var match = Sample().Match(line);
                Assert.True(match.Success, line);
                var name = match.Groups["name"].Value;
                Assert.True(types.ContainsKey(name) || types.ContainsKey(Suffix().Replace(name, "")), line);
                samples.Add(name + match.Groups["labels"].Value, double.Parse(match.Groups["value"].Value.Replace("Inf", "Infinity", StringComparison.Ordinal), CultureInfo.InvariantCulture));
            }
        }

        return samples;
    }

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?<labels>\{[a-zA-Z_]\w*="([^"\\]|\\[\\"n])*"(,[a-zA-Z_]\w*="([^"\\]|\\[\\"n])*")*\})? (?<value>[-+]?(\d[\d.eE+-]*|Inf)|NaN)$""", RegexOptions.ExplicitCapture)]
    private static partial Regex Sample();

    [GeneratedRegex("_(bucket|sum|count)$", RegexOptions.ExplicitCapture)]
    private static partial Regex Suffix();
}
