using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Reports;

/// <summary><c>{from, to, interval?, group_by?, output?}</c></summary>
internal sealed record UsageReportPayload
{
    public required DateTimeOffset From { get; init; }
    public required DateTimeOffset To { get; init; }

    /// <summary>minute, hour or day.</summary>
    public string Interval { get; init; } = "hour";
    public string GroupBy { get; init; } = "type";
    public ReportOutput Output { get; init; }

    public static void Check(JsonFields payload)
    {
        foreach (var name in (string[])["from", "to"])
        {
            if (!payload.Has(name))
            {
                payload.Fault(name, "required", $"'{name}' is required.");
            }
        }

        if (payload.OptionalTime("from") > payload.OptionalTime("to"))
        {
            payload.Fault("from", "invalid_range", "'from' must not be after 'to'.");
        }

        OneOf(payload, "interval", "minute", "hour", "day");
        OneOf(payload, "group_by", "type", "api_key", "status", "queue");
        OneOf(payload, "output", "result", "file");
    }

    private static void OneOf(JsonFields payload, string name, params string[] values)
    {
        if (payload.OptionalString(name, 16) is { } value && !values.Contains(value, StringComparer.Ordinal))
        {
            payload.Fault(name, "invalid_value", $"'{name}' is one of {string.Join(", ", values)}.");
        }
    }
}

internal enum ReportOutput
{
    /// <summary>As the job's result; in a file where it is too large for that.</summary>
    Result,
    File,
}
