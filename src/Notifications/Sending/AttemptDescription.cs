using Platform.ServiceDefaults.OpenApi;

namespace Platform.Notifications.Sending;

/// <summary>An attempt of the log, for the document.</summary>
internal static class AttemptDescription
{
    public const string Example = """
        {"number": 1, "trigger": "event", "at": "2026-01-31T12:00:00Z", "duration_ms": 61.5,
          "timing": {"dns_ms": 4.2, "connect_ms": 11.8, "tls_ms": 24.1, "first_byte_ms": 60.9, "total_ms": 61.5}, "connection_reused": false, "address": "203.0.113.7",
          "request": {"method": "POST", "url": "https://example.com/hooks", "headers": {"host": "example.com", "content-type": "application/json", "x-api-key": "***",
            "webhook-id": "evt_01jk2m3n4p5q6r7s8t9v0w1x2y", "webhook-timestamp": "1769860800", "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}},
          "response": {"status": 204, "headers": "date: Sat, 31 Jan 2026 12:00:00 GMT", "body": ""}, "error": null, "detail": null}
        """;

    private static readonly Schema Timing = Schema.Object(null, "Where the time went, in milliseconds. Null where a step was not reached, or where an open connection spared it.",
        ("dns_ms", Schema.Number("Looking up the host's name; null for an address.").OrNull()),
        ("connect_ms", Schema.Number("The TCP connection.").OrNull()),
        ("tls_ms", Schema.Number("The TLS handshake; null without TLS.").OrNull()),
        ("first_byte_ms", Schema.Number("From the beginning to the first byte of the answer.").OrNull()),
        ("total_ms", Schema.Number("All of it.")));

    public static readonly Schema Shown = Schema.Object("DeliveryAttempt", "One attempt.",
        ("number", Schema.Whole("1 for the first.")),
        ("trigger", Schema.OneOf("Why it was made: the event, the failure before it, or because a caller asked for it.", AttemptTrigger.All).OrNull()),
        ("at", Schema.Time("When it began.")),
        ("duration_ms", Schema.Number("How long it took.")),
        ("timing", Timing),
        ("connection_reused", Schema.Flag("A connection carried it that was open already; null where that was not noted.").OrNull()),
        ("address", Schema.Text("The address that was connected to, or was tried last; null for none.", 255).OrNull()),
        ("request", Schema.Object(null, "What was sent.",
            ("method", Schema.OneOf("Always this.", "POST")), ("url", Schema.Text("Where to.", 2048)),
            ("headers", Schema.Map("As they were sent; of the endpoint's own headers those that look secret show as `***`.", 64, 4096)))),
        ("response", Schema.Object(null, "What came back; null for nothing.",
            ("status", Schema.Whole("HTTP status.", 100, 999)), ("headers", Schema.Text("The headers, a line each.", 65_536).OrNull()),
            ("body", Schema.Text("The head of the body.", 65_536))).OrNull()),
        ("error", Schema.Text("Why it failed, machine-readable; null for success.", 64).OrNull()),
        ("detail", Schema.Text("More about the error, for people.", 4096).OrNull()));
}
