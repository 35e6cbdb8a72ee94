using Platform.ServiceDefaults.OpenApi;

namespace Platform.Analytics.Usage;

/// <summary>The routes of usage, for the document.</summary>
internal static class UsageDescriptions
{
    private static readonly Schema Interval = Schema.OneOf("The width of a bucket.", UsageInterval.Minute.Name, UsageInterval.Hour.Name, UsageInterval.Day.Name);

    public static readonly Operation Get = new("getUsage", Tags.Analytics, "Count usage")
    {
        Description = $"""
            What happened, by bucket and group. Exact to the minute at both ends; ends older than 35 days are known by the hour. Buckets without events are not listed. A range
            may be {UsageInterval.Minute.MaxRangeText} long by the minute, {UsageInterval.Hour.MaxRangeText} by the hour, {UsageInterval.Day.MaxRangeText} by the day.
            """,
        Parameters =
        [
            Parameter.Query("from", Schema.Time("The first minute; 24 hours before `to` when left out.")),
            Parameter.Query("to", Schema.Time("The minute after the last; now when left out.")),
            Parameter.Query("interval", Interval.With("default", UsageInterval.Hour.Name)),
            Parameter.Query("group_by", Schema.OneOf("What is told apart.", Dimension.All).With("default", Dimension.Type)),
        ],
        InputCodes = ["invalid_time", "invalid_range", "range_too_long"],
        Answers =
        [
            Answer.Ok(Schema.Object("Usage", "Counts.",
                ("interval", Interval),
                ("from", Schema.Time("The first minute.")),
                ("to", Schema.Time("The minute after the last.")),
                ("data", Schema.ListOf(
                    Schema.Object("UsageCount", "A count.",
                        ("start", Schema.Time("When the bucket begins.")), ("group", Schema.Text("What was counted.", 200)), ("count", Schema.Whole("How often.", 0, Schema.MaxWhole))),
                    "By bucket, then by group.", 1_000_000)),
                ("total", Schema.Whole("The sum.", 0, Schema.MaxWhole)))
                .Such("""
                    {"interval": "hour", "from": "2026-01-31T00:00:00Z", "to": "2026-02-01T00:00:00Z", "data": [{"start": "2026-01-31T12:00:00Z", "group": "resource.created", "count": 42}], "total": 42}
                    """), "The counts."),
        ],
    };
}
