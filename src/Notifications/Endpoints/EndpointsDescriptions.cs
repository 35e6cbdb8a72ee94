using Platform.Contracts.Identifiers;
using Platform.Notifications.Deliveries;
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
    private static readonly Schema Secret = Schema.Text("Signs what is sent, as Standard Webhooks has it.", 128, 1, "^whsec_[A-Za-z0-9+/]+={0,2}$");
    private static readonly Schema Disabled = Schema.Flag("Whether nothing is sent.");

    public static readonly Schema Endpoint = Schema.Object("WebhookEndpoint", "Where webhooks are sent, without its secret.",
        ("id", Schema.Id(IdPrefix.WebhookEndpoint, "Its id.")),
        ("url", Url),
        ("event_types", EventTypes),
        ("labels", Labels),
        ("description", Description.OrNull()),
        ("rate_limit", RateLimit.OrNull()),
        ("headers", Headers),
        ("disabled", Disabled),
        ("disabled_at", Schema.Time("Since when.").OrNull()),
        ("disabled_reason", Schema.OneOf("`manual`: a caller said so; `gone`: the receiver answered 410.", Disabling.Manual, Disabling.Gone).OrNull()),
        ("version", Schema.Whole("One more with each change. Also its `ETag`.", 1, Schema.MaxWhole)),
        ("created_at", Schema.Time("When it was made.")),
        ("updated_at", Schema.Time("When it was changed last.")))
        .Such(Example);

    private static readonly Schema WithSecret = Endpoint.And("WebhookEndpointWithSecret", "A webhook endpoint and its secret.",
        ("secret", Secret),
        ("previous_secret_expires_at?", Schema.Time("Until when the secret before signs as well; after a rotation.")))
        .Such(Example.Replace("\"version\": 1", "\"version\": 1, \"secret\": \"whsec_c2VjcmV0IHRoYXQgaXMgbm8gc2VjcmV0ISE=\"", StringComparison.Ordinal));

    private static readonly Schema NewEndpoint = Schema.Input("NewWebhookEndpoint", "A webhook endpoint as a caller writes it.",
        ("url", Url),
        ("event_types?", EventTypes.As("The events that it wants; all when left out or empty.")),
        ("labels?", Labels),
        ("description?", Description),
        ("rate_limit?", RateLimit),
        ("headers?", Headers),
        ("disabled?", Disabled.With("default", false)))
        .Such("""{"url": "https://example.com/hooks", "event_types": ["resource.*"], "labels": {"env": "prod"}, "description": "Orders", "rate_limit": 50}""");

    private static readonly Schema EndpointPatch = NewEndpoint.Patch("WebhookEndpointPatch", "A merge patch (RFC 7396) of what can be set; a null removes.")
        .Such("""{"event_types": ["resource.created"], "rate_limit": null}""");

    private static readonly Parameter Id = Parameter.Path("id", Schema.Id(IdPrefix.WebhookEndpoint, "The endpoint."));

    private const string Example = """
        {"id": "whe_01jk2m3n4p5q6r7s8t9v0w1x2y", "url": "https://example.com/hooks", "event_types": ["resource.*"], "labels": {"env": "prod"}, "description": "Orders",
         "rate_limit": 50, "headers": {}, "disabled": false, "disabled_at": null, "disabled_reason": null, "version": 1,
         "created_at": "2026-01-31T12:00:00Z", "updated_at": "2026-01-31T12:00:00Z"}
        """;

    public static readonly Operation Create = new("createWebhookEndpoint", Tags.Webhooks, "Make a webhook endpoint")
    {
        Description = "It gets the events that happen from now on. The answer holds the secret.",
        Body = new(NewEndpoint),
        Answers = [Answer.Created(WithSecret, "The endpoint, with its secret.") with { HasETag = true }],
        InputCodes = ["invalid_url", "invalid_header"],
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
        Description = "A merge patch (RFC 7396). The result has to be what a new endpoint could be.",
        Parameters = [Id],
        Heeds = Heeds.IfMatch,
        Body = RequestBody.MergePatch(EndpointPatch),
        Answers = [Answer.Ok(Endpoint, "The endpoint as it is now.") with { HasETag = true }],
        Errors = [EndpointInput.NotFound()],
        InputCodes = ["invalid_url", "invalid_header"],
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
        Description = "The secret that signs now.",
        Parameters = [Id],
        Answers = [Answer.Ok(Schema.Object("WebhookSecret", "A secret.", ("secret", Secret)).Such("""{"secret": "whsec_c2VjcmV0IHRoYXQgaXMgbm8gc2VjcmV0ISE="}"""), "The secret.")],
        Errors = [EndpointInput.NotFound()],
    };

    public static readonly Operation Rotate = new("rotateWebhookEndpointSecret", Tags.Webhooks, "Rotate an endpoint's secret")
    {
        Description = "Webhooks carry the signatures of both secrets for 24 hours; a second rotation within that time lets go of the oldest.",
        Parameters = [Id],
        Heeds = Heeds.IfMatch,
        Answers = [Answer.Ok(WithSecret, "The endpoint, with its new secret.") with { HasETag = true }],
        Errors = [EndpointInput.NotFound()],
    };

    public static readonly Operation Enable = new("enableWebhookEndpoint", Tags.Webhooks, "Enable a webhook endpoint")
    {
        Description = "Sends again, whoever or whatever disabled it.",
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
