using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Platform.ServiceDefaults.Requests;

namespace Platform.ServiceDefaults.Telemetry.Logs;

/// <summary>
/// One JSON object a line: <c>time</c> (UTC), <c>level</c>, <c>service</c>, <c>category</c>, <c>event_id</c>, <c>message</c>, the message's values under
/// <c>fields</c>, <c>exception</c>, and <c>trace_id</c>, <c>span_id</c> and <c>request_id</c> of the request or message that is being handled.
/// </summary>
internal sealed class JsonLogFormatter(ServiceName service, TimeProvider clock) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "platform-json";
    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, Writing))
        {
            json.WriteStartObject();
            json.WriteString("time", Rfc3339.Format(clock.GetUtcNow()));
            json.WriteString("level", LogLevels.Name(logEntry.LogLevel));
            json.WriteString("service", service.Value);
            json.WriteString("category", logEntry.Category);
            json.WriteNumber("event_id", logEntry.EventId.Id);
            json.WriteString("message", logEntry.Formatter(logEntry.State, logEntry.Exception));
            WriteFields(json, logEntry.State as IReadOnlyList<KeyValuePair<string, object?>>);
            if (Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity)
            {
                json.WriteString("trace_id", activity.TraceId.ToHexString());
                json.WriteString("span_id", activity.SpanId.ToHexString());
            }

            WriteRequestId(json, Activity.Current);
            if (logEntry.Exception is { } exception)
            {
                json.WriteString("exception", exception.ToString());
            }

            json.WriteEndObject();
        }

        textWriter.Write(Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n");
    }

    private static void WriteFields(Utf8JsonWriter json, IReadOnlyList<KeyValuePair<string, object?>>? values)
    {
        // The last one is always the template.
        if (values is not { Count: > 1 })
        {
            return;
        }

        json.WriteStartObject("fields");
        foreach (var (name, value) in values)
        {
            switch (value)
            {
                case var _ when name == "{OriginalFormat}":
                    break;
                case null:
                    json.WriteNull(name);
                    break;
                case int or long or short or byte:
                    json.WriteNumber(name, Convert.ToInt64(value, CultureInfo.InvariantCulture));
                    break;
                case bool flag:
                    json.WriteBoolean(name, flag);
                    break;
                default:
                    json.WriteString(name, Convert.ToString(value, CultureInfo.InvariantCulture));
                    break;
            }
        }

        json.WriteEndObject();
    }

    /// <summary>The request's own activity has it; we may be in one that was started within.</summary>
    private static void WriteRequestId(Utf8JsonWriter json, Activity? activity)
    {
        for (; activity is not null; activity = activity.Parent)
        {
            if (activity.GetTagItem(RequestId.Tag) is string id)
            {
                json.WriteString("request_id", id);
                return;
            }
        }
    }
}
