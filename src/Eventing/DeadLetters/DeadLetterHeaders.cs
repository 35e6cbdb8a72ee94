namespace Platform.Eventing.DeadLetters;

/// <summary>What the record of a dead letter carries besides the event's own headers. Numbers are decimal texts.</summary>
public static class DeadLetterHeaders
{
    private const string Prefix = "dlq_";

    /// <summary>The dead letter: <c>dlq_...</c>; the same after a redrive that failed.</summary>
    public const string Id = Prefix + "id";

    /// <summary>Where the event came from.</summary>
    public const string Topic = Prefix + "topic";
    public const string Partition = Prefix + "partition";
    public const string Offset = Prefix + "offset";

    /// <summary>When it died, RFC 3339; when it happened stays in <c>ce_time</c>.</summary>
    public const string Timestamp = Prefix + "timestamp";

    /// <summary>The consumer group that gave it up.</summary>
    public const string Group = Prefix + "group";

    /// <summary>How often its handler ran.</summary>
    public const string Attempts = Prefix + "attempts";

    /// <summary>How often it has died, this time included.</summary>
    public const string Deaths = Prefix + "deaths";
    public const string ExceptionType = Prefix + "exception_type";

    /// <summary>At most 1,000 characters.</summary>
    public const string ExceptionMessage = Prefix + "exception_message";

    /// <summary>Only where the envelope could not be read: what was wrong. The missing attributes are made up then.</summary>
    public const string Envelope = Prefix + "envelope";

    /// <summary>The <c>ce_type</c> that is made up for a record without one.</summary>
    public const string UnreadableType = "dead_letter.unreadable";
}
