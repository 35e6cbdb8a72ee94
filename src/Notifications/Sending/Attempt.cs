using System.Globalization;
using System.Text;
using System.Text.Json;
using Npgsql;
using Platform.ServiceDefaults.Requests;

namespace Platform.Notifications.Sending;

/// <summary>An attempt out of the log, as the API shows it.</summary>
internal sealed record Attempt(
    int Number, DateTimeOffset At, string Url, string? Address, double DurationMs, int? Status, string? Error, string? Detail,
    string? ResponseHeaders, byte[] ResponseBody, string? RequestHeaders, string? Trigger,
    double? DnsMs, double? ConnectMs, double? TlsMs, double? FirstByteMs, bool? IsReused)
{
    public const string Columns = """
        number, at, url, address, duration_ms, status, error, detail, response_headers, response_body, request_headers, trigger,
        dns_ms, connect_ms, tls_ms, first_byte_ms, connection_reused
        """;

    /// <summary>A row of <see cref="Columns"/>.</summary>
    public static Attempt Read(NpgsqlDataReader reader)
    {
        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
        double? Number(int column) => reader.IsDBNull(column) ? null : reader.GetDouble(column);
        return new(
            reader.GetInt32(0), reader.GetFieldValue<DateTimeOffset>(1), reader.GetString(2), Text(3), reader.GetDouble(4),
            reader.IsDBNull(5) ? null : reader.GetInt32(5), Text(6), Text(7), Text(8),
            reader.IsDBNull(9) ? [] : reader.GetFieldValue<byte[]>(9), Text(10), Text(11),
            Number(12), Number(13), Number(14), Number(15), reader.IsDBNull(16) ? null : reader.GetBoolean(16));
    }

    /// <param name="messageId">The <c>webhook-id</c>: for what was logged before the headers were.</param>
    public void WriteTo(Utf8JsonWriter json, string messageId)
    {
        json.WriteStartObject();
        json.WriteNumber("number", Number);
        json.WriteString("trigger", Trigger);
        json.WriteString("at", Rfc3339.Format(At));
        json.WriteNumber("duration_ms", DurationMs);
        json.WriteStartObject("timing");
        WriteNumber(json, "dns_ms", DnsMs);
        WriteNumber(json, "connect_ms", ConnectMs);
        WriteNumber(json, "tls_ms", TlsMs);
        WriteNumber(json, "first_byte_ms", FirstByteMs);
        json.WriteNumber("total_ms", DurationMs);
        json.WriteEndObject();
        if (IsReused is { } reused)
        {
            json.WriteBoolean("connection_reused", reused);
        }
        else
        {
            json.WriteNull("connection_reused");
        }

        json.WriteString("address", Address);
        json.WriteStartObject("request");
        json.WriteString("method", "POST");
        json.WriteString("url", Url);
        WriteRequestHeaders(json, messageId);
        json.WriteEndObject();
        WriteResponse(json);
        json.WriteString("error", Error);
        json.WriteString("detail", Detail);
        json.WriteEndObject();
    }

    private void WriteRequestHeaders(Utf8JsonWriter json, string messageId)
    {
        json.WriteStartObject("headers");
        if (RequestHeaders is null)
        {
            json.WriteString("webhook-id", messageId);
            json.WriteString("webhook-timestamp", At.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        }

        foreach (var line in (RequestHeaders ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = line.IndexOf(": ", StringComparison.Ordinal);
            if (colon > 0)
            {
                json.WriteString(line[..colon], line[(colon + 2)..]);
            }
        }

        json.WriteEndObject();
    }

    private void WriteResponse(Utf8JsonWriter json)
    {
        if (Status is not { } status)
        {
            json.WriteNull("response");
            return;
        }

        json.WriteStartObject("response");
        json.WriteNumber("status", status);
        json.WriteString("headers", ResponseHeaders);

        // Not every receiver answers text: what is not UTF-8 shows as replacement characters.
        json.WriteString("body", Encoding.UTF8.GetString(ResponseBody));
        json.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
