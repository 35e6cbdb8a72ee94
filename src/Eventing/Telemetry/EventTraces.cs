using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Platform.Eventing.Outbox;

namespace Platform.Eventing.Telemetry;

/// <summary>Joins work on events to the traces of those who caused them.</summary>
internal static class EventTraces
{
    private const int MaxLinks = 32;

    /// <summary>
    /// Starts an activity for a batch. A single event continues its trace; a batch has many parents and links to them. Null, and no
    /// header is looked at, when nobody listens.
    /// </summary>
    public static Activity? Start(string name, ActivityKind kind, int count, Func<int, string?> traceParent)
    {
        if (!EventingTelemetry.Activities.HasListeners())
        {
            return null;
        }

        var links = new List<ActivityLink>();
        for (var i = 0; i < count && links.Count < MaxLinks; i++)
        {
            if (ActivityContext.TryParse(traceParent(i), null, isRemote: true, out var context))
            {
                links.Add(new(context));
            }
        }

        var activity = count == 1 && links.Count == 1
            ? EventingTelemetry.Activities.StartActivity(name, kind, links[0].Context)
            : EventingTelemetry.Activities.StartActivity(name, kind, default(ActivityContext), null, links);
        activity?.SetTag("messaging.batch.message_count", count);
        return activity;
    }

    /// <summary>The <c>traceparent</c> in a message's headers; null when there is none.</summary>
    public static string? ParentIn(string headers)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(headers));
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals(HeaderNames.TraceParent))
            {
                reader.Read();
                return reader.GetString();
            }
        }

        return null;
    }
}
