using Platform.Contracts.Identifiers;
using Platform.Notifications.Deliveries;
using Platform.Notifications.Signing;
using Platform.ServiceDefaults.OpenApi;

namespace Platform.Notifications.Endpoints;

/// <summary>The routes of webhook endpoints, for the document.</summary>
internal static class EndpointsDescriptions
{
    private static readonly Schema Url = Schema.Text("Absolute, http or https, without user, password and fragment. Where it leads is judged when it is connected to.", 2048, 1, format: "uri");
    private static readonly Schema EventTypes = Schema.ListOf(
        Schema.Text("A type, all below one (`resource.*`), or `*`.", 128, 1, @"^(\*|[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*(\.\*)?)$"), "The events that it wants.");

    private static readonly Schema Labels = Schema.Map("Only events whose labels include all of these.");
    private static readonly Schema Description = Schema.Text("For people.", 1024);
    private static readonly Schema RateLimit = Schema.Whole("Attempts a second at most; null for no limit.", 1, 10_000);
    private static readonly Schema Headers = Schema.Map("Sent with every attempt. Those of the message, the signature and the connection cannot be set.", 32, 4096);
    private static readonly Schema Filter = Schema.AnyObject(
        "A condition over the event: `{ref, op, value}` with `ref` `type` or a path such as `data.labels.env`, and `op` one of `eq`, `ne`, `gt`, `ge`, `lt`, `le`, `exists`; or `{and: [...]}`, `{or: [...]}`, `{not: ...}`. What is not there equals nothing and has no order.");

    private static readonly Schema Timeout = Schema.Whole("Seconds for a whole attempt; null for the platform's own (15 unless set otherwise).", 1, EndpointInput.MaxTimeoutSeconds);
    private static readonly Schema Ordering = Schema.OneOf(
        "`subject`: a delivery starts when the one before about the same subject has succeeded or finally failed.", EndpointOrdering.All);

    private static readonly Schema Payload = Schema.OneOf("`thin`: the webhook's `data` is `{id, subject, event_id, url}`, not the event's.", EndpointPayload.All);
    private static readonly Schema Signature = Schema.OneOf(
        "`v1`: HMAC-SHA256 with the secret; `v1a`: ed25519, verified with `public_key`. A change makes a new key; the old one signs as well for 24 hours.", SignatureScheme.All);

    private static readonly Schema PublicKey = Schema.Text("Verifies what is signed by `v1a`; null for `v1`.", 128, 1, "^whpk_[A-Za-z0-9+/]+={0,2}$");
    private static readonly Schema Health = Schema.Object("WebhookEndpointHealth", "How it is doing, over all processes. It changes without a new version.",
        ("state", Schema.OneOf("`open` after too many failures in a row: deliveries wait, without losing attempts; `half_open` while one of them finds out; `recovering` while what waits is let go step by step.", CircuitState.All)),
        ("failing_since", Schema.Time("The first failure since the last success; null when the last attempt succeeded.").OrNull()),
        ("consecutive_failures", Schema.Whole("Attempts that failed since the last success.")),
        ("last_success_at", Schema.Time("At a quick pace noted every few seconds.").OrNull()),
        ("last_failure_at", Schema.Time("When an attempt failed last.").OrNull()));

    private static readonly Schema Secret = Schema.Text("Signs what is sent, as Standard Webhooks has it.", 128, 1, "^whsec_[A-Za-z0-9+/]+={0,2}$");
    private static readonly Schema Disabled = Schema.Flag("Whether nothing is sent.");

    public static readonly Schema Endpoint = Schema.Object("WebhookEndpoint", "Where webhooks are sent, without its secret.",
        ("id", Schema.Id(IdPrefix.WebhookEndpoint, "Its id.")),
        ("url", Url),
        ("event_types", EventTypes),
        ("labels", Labels),
        ("filter", Filter.OrNull()),
        ("description", Description.OrNull()),
        ("rate_limit", RateLimit.OrNull()),
        ("timeout", Timeout.OrNull()),
        ("ordering", Ordering),
        ("payload", Payload),
        ("signature", Signature),
        ("public_key", PublicKey.OrNull()),
        ("headers", Headers),
        ("disabled", Disabled),
        ("disabled_at", Schema.Time("Since when.").OrNull()),
        ("disabled_reason", Schema.OneOf("`manual`: a caller said so; `gone`: the receiver answered 410; `failing`: nothing but failures, for days.", Disabling.Manual, Disabling.Gone, Disabling.Failing).OrNull()),
        ("health", Health),
        ("version", Schema.Whole("One more with each change. Also its `ETag`.", 1, Schema.MaxWhole)),
        ("created_at", Schema.Time("When it was made.")),
        ("updated_at", Schema.Time("When it was changed last.")))
        .Such(Example);

    private static readonly Schema WithSecret = Endpoint.And("WebhookEndpointWithSecret", "A webhook endpoint and its secret.",
        ("secret?", Secret.As("Signs what is sent, as Standard Webhooks has it. Not there for `v1a`, whose private key is never shown.")),
        ("previous_secret_expires_at?", Schema.Time("Until when the secret before signs as well; after a rotation.")))
        .Such(Example.Replace("\"version\": 1", "\"version\": 1, \"secret\": \"whsec_c2VjcmV0IHRoYXQgaXMgbm8gc2VjcmV0ISE=\"", StringComparison.Ordinal));

    private static readonly Schema NewEndpoint = Schema.Input("NewWebhookEndpoint", "A webhook endpoint as a caller writes it.",
        ("url", Url),
        ("event_types?", EventTypes.As("The events that it wants; all when left out or empty.")),
        ("labels?", Labels),
        ("filter?", Filter),
        ("description?", Description),
        ("rate_limit?", RateLimit),
        ("timeout?", Timeout),
        ("ordering?", Ordering.With("default", EndpointOrdering.None)),
        ("payload?", Payload.With("default", EndpointPayload.Full)),
        ("signature?", Signature.With("default", SignatureScheme.Shared)),
        ("headers?", Headers),
        ("disabled?", Disabled.With("default", false)))
        .Such("""{"url": "https://example.com/hooks", "event_types": ["resource.*"], "labels": {"env": "prod"}, "filter": {"ref": "data.data.total", "op": "ge", "value": 100}, "description": "Orders", "rate_limit": 50, "timeout": 10, "ordering": "subject"}""");

    private static readonly Schema EndpointPatch = NewEndpoint.Patch("WebhookEndpointPatch", "A merge patch (RFC 7396) of what can be set; a null removes.")
        .Such("""{"event_types": ["resource.created"], "rate_limit": null, "payload": "thin"}""");

    private static readonly Schema NewSecret = Schema.Input("NewWebhookSecret", "A secret of the caller's own.",
        ("secret?", Schema.Text("`v1`: `whsec_` and the base64 of 24 to 64 bytes; `v1a`: `whsk_` and the base64 of an ed25519 private key. Made here when left out.", RotateSecret.MaxText, 1)))
        .Such("""{"secret": "whsec_c2VjcmV0IHRoYXQgaXMgbm8gc2VjcmV0ISE="}""");

    private static readonly Parameter Id = Parameter.Path("id", Schema.Id(IdPrefix.WebhookEndpoint, "The endpoint."));

    private const string Example = """
        {"id": "whe_01jk2m3n4p5q6r7s8t9v0w1x2y", "url": "https://example.com/hooks", "event_types": ["resource.*"], "labels": {"env": "prod"},
         "filter": {"ref": "data.data.total", "op": "ge", "value": 100}, "description": "Orders", "rate_limit": 50, "timeout": 10, "ordering": "subject", "payload": "full",
         "signature": "v1", "public_key": null, "headers": {}, "disabled": false, "disabled_at": null, "disabled_reason": null,
         "health": {"state": "closed", "failing_since": null, "consecutive_failures": 0, "last_success_at": "2026-01-31T12:00:00Z", "last_failure_at": null}, "version": 1,
         "created_at": "2026-01-31T12:00:00Z", "updated_at": "2026-01-31T12:00:00Z"}
        """;

    public static readonly Operation Create = new("createWebhookEndpoint", Tags.Webhooks, "Make a webhook endpoint")
    {
        Description = "It gets the events that happen from now on. The answer holds the secret, or of the signature `v1a` the public key.",
        Body = new(NewEndpoint),
        Answers = [Answer.Created(WithSecret, "The endpoint, with its secret.") with { HasETag = true }],
        InputCodes = ["invalid_condition", "invalid_header", "invalid_reference", "invalid_url", "not_supported", "too_deep"],
    };

    public static readonly Operation List = new("listWebhookEndpoints", Tags.Webhooks, "List webhook endpoints")
    {
        Description = "In order of creation.",
        Parameters = [Parameter.Fields(WebhookEndpoint.FieldNames), .. Parameter.Page],
        Answers = [Answer.Ok(Schema.PageOf(Endpoint.Selectable()), "A page.")],
    };

    public static readonly Operation Get = new("getWebhookEndpoint", Tags.Webhooks, "Get a webhook endpoint")
    {
        Description = "Without its secret.",
        Parameters = [Id, Parameter.Fields(WebhookEndpoint.FieldNames)],
        Heeds = Heeds.IfNoneMatch,
        Answers = [Answer.Ok(Endpoint.Selectable(), "The endpoint.") with { HasETag = true }],
        Errors = [EndpointInput.NotFound()],
    };

    public static readonly Operation Patch = new("patchWebhookEndpoint", Tags.Webhooks, "Change a webhook endpoint")
    {
        Description = "A merge patch (RFC 7396); `filter` is replaced as a whole. The result has to be what a new endpoint could be. Another `url`, and enabling, begin its health anew.",
        Parameters = [Id],
        Heeds = Heeds.IfMatch,
        Body = RequestBody.MergePatch(EndpointPatch),
        Answers = [Answer.Ok(Endpoint, "The endpoint as it is now.") with { HasETag = true }],
        Errors = [EndpointInput.NotFound()],
        InputCodes = ["invalid_condition", "invalid_header", "invalid_reference", "invalid_url", "not_supported", "too_deep"],
    };

    public static readonly Operation Delete = new("deleteWebhookEndpoint", Tags.Webhooks, "Delete a webhook endpoint")
    {
        Description = "Its secret is gone at once; deliveries that wait for it fail with that reason.",
        Parameters = [Id],
        Heeds = Heeds.IfMatch,
        Answers = [Answer.NoContent("Deleted.")],
        Errors = [EndpointInput.NotFound()],
    };

    public static readonly Operation GetSecret = new("getWebhookEndpointSecret", Tags.Webhooks, "Get an endpoint's secret")
    {
        Description = "The secret that signs now; of the signature `v1a` the public key, because the private one is never shown.",
        Parameters = [Id],
        Answers = [Answer.Ok(Schema.Object("WebhookSecret", "A secret, or a public key.", ("secret", Secret.OrNull()), ("public_key", PublicKey.OrNull()))
            .Such("""{"secret": "whsec_c2VjcmV0IHRoYXQgaXMgbm8gc2VjcmV0ISE=", "public_key": null}"""), "The secret.")],
        Errors = [EndpointInput.NotFound()],
    };

    public static readonly Operation Rotate = new("rotateWebhookEndpointSecret", Tags.Webhooks, "Rotate an endpoint's secret")
    {
        Description = "A new secret, or the caller's own. Webhooks carry the signatures of both for 24 hours; a second rotation within that time lets go of the oldest.",
        Parameters = [Id],
        Heeds = Heeds.IfMatch,
        Body = new(NewSecret, IsRequired: false),
        Answers = [Answer.Ok(WithSecret, "The endpoint, with its new secret.") with { HasETag = true }],
        Errors = [EndpointInput.NotFound()],
        InputCodes = ["invalid_format"],
    };

    public static readonly Operation Enable = new("enableWebhookEndpoint", Tags.Webhooks, "Enable a webhook endpoint")
    {
        Description = "Sends again, whoever or whatever disabled it. Its health begins anew.",
        Parameters = [Id],
        Heeds = Heeds.IfMatch,
        Answers = [Answer.Ok(Endpoint, "The endpoint, enabled.") with { HasETag = true }],
        Errors = [EndpointInput.NotFound()],
    };

    public static readonly Operation Test = new("testWebhookEndpoint", Tags.Webhooks, "Send a test to an endpoint")
    {
        Description = "A `webhook.test` event, whatever the endpoint's filter. It is signed, retried and logged like any other.",
        Parameters = [Id],
        Answers = [new(202, "The delivery, which will be tried.", DeliveriesDescriptions.Shown) { HasLocation = true }],
        Errors = [EndpointInput.NotFound(), TestEndpoint.IsDisabled()],
    };
}
