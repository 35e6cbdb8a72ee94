using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Platform.ServiceDefaults.Requests;
using Platform.ServiceDefaults.Telemetry.Logs;
using Platform.Testing;

namespace Platform.ServiceDefaults.Tests.Telemetry;

public sealed class LogFormatTests
{
    private readonly TestClock _clock = new();

    [Fact]
    public void OneLineHoldsEverythingThatIsAskedFor()
    {
        using var activity = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start();
        activity.SetTag(RequestId.Tag, "req_1");
        using var within = new Activity("statement").Start();

        var line = Write(new JsonLogFormatter(new("core"), _clock), new InvalidOperationException("first\nsecond"));
        Assert.Equal(line.Length - 1, line.IndexOf('\n', StringComparison.Ordinal));
        var json = JsonDocument.Parse(line).RootElement;
        Assert.Equal("2026-06-01T12:00:00.000000Z", json.GetProperty("time").GetString());
        Assert.Equal("warning", json.GetProperty("level").GetString());
        Assert.Equal("core", json.GetProperty("service").GetString());
        Assert.Equal("Platform.Tests", json.GetProperty("category").GetString());
        Assert.Equal(77, json.GetProperty("event_id").GetInt32());
        Assert.Equal("3 of\n\"ä\" failed", json.GetProperty("message").GetString());
        Assert.Equal(3, json.GetProperty("fields").GetProperty("Count").GetInt32());
        Assert.Equal(activity.TraceId.ToHexString(), json.GetProperty("trace_id").GetString());
        Assert.Equal(within.SpanId.ToHexString(), json.GetProperty("span_id").GetString());
        Assert.Equal("req_1", json.GetProperty("request_id").GetString());
        Assert.Contains("second", json.GetProperty("exception").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void TextIsShort() =>
        Assert.Equal("12:00:00 warning Tests: 3 of\n\"ä\" failed\n", Write(new TextLogFormatter(_clock), exception: null));

    private static string Write(Microsoft.Extensions.Logging.Console.ConsoleFormatter formatter, Exception? exception)
    {
        using var writer = new StringWriter();
        KeyValuePair<string, object?>[] state = [new("Count", 3), new("Name", "ä"), new("{OriginalFormat}", "{Count} of {Name}")];
        formatter.Write(
            new LogEntry<IReadOnlyList<KeyValuePair<string, object?>>>(
                LogLevel.Warning, "Platform.Tests", new(77), state, exception, (_, _) => "3 of\n\"ä\" failed"),
            scopeProvider: null, writer);
        return writer.ToString();
    }
}
