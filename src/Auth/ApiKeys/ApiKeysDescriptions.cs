using Platform.Contracts.Identifiers;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.OpenApi;

namespace Platform.Auth.ApiKeys;

/// <summary>The routes of API keys, for the document.</summary>
internal static class ApiKeysDescriptions
{
    private static readonly Schema Scope = Schema.OneOf("What a key may; `*` is everything that its role may.", ["*", .. Scopes.All.Order(StringComparer.Ordinal)]);
    private static readonly Schema Role = Schema.OneOf("What it may at most; its scopes narrow that further.", Roles.All);
    private static readonly Schema Name = Schema.Text("For people.", 200, 1);
    private static readonly Schema RateLimit = Schema.Whole("Requests a minute; null for the default.", 1, 100_000_000);

    private static readonly Schema Key = Schema.Object("ApiKey", "An API key without its text.",
        ("id", Schema.Id(IdPrefix.ApiKey, "Its id.")),
        ("name", Name),
        ("role", Role),
        ("scopes", Schema.ListOf(Scope, "What it may.")),
        ("rate_limit", RateLimit.OrNull()),
        ("hint", Schema.Text("Enough of the text to recognise the key by, too little to use it.", 32)),
        ("created_by", Schema.Text("The key that made it; null for the first one.", 255).OrNull()),
        ("created_at", Schema.Time("When it was made.")),
        ("expires_at", Schema.Time("When it stops to work; null for never.").OrNull()),
        ("revoked_at", Schema.Time("When it was revoked; null when it was not.").OrNull()),
        ("version", Schema.Whole("One more with each change. Also its `ETag`.", 1, Schema.MaxWhole)))
        .Such("""
            {"id": "key_01jk2m3n4p5q6r7s8t9v0w1x2y", "name": "checkout", "role": "developer", "scopes": ["resources.read", "resources.write"], "rate_limit": 600,
             "hint": "pk_live_...4f2a", "created_by": "key_01jk2m3n4p5q6r7s8t9v0w1x2z", "created_at": "2026-01-31T12:00:00Z", "expires_at": null, "revoked_at": null, "version": 1}
            """);

    private static readonly Schema NewKey = Schema.Input("NewApiKey", "An API key that is to be made.",
        ("name", Name),
        ("scopes?", Schema.ListOf(Scope, "Those of the key that asks when left out.", 100, 1)),
        ("role?", Role.As("Developer when left out, or admin where the scopes ask for what only an admin may; never more than the key that asks.")),
        ("expires_at?", Schema.Time("In the future; that of the key that asks when left out.")),
        ("rate_limit?", RateLimit))
        .Such("""{"name": "checkout", "scopes": ["resources.read", "resources.write"], "rate_limit": 600}""");

    private static readonly Schema KeyWithText = Key.And("ApiKeyWithText", "An API key and its text, which no other answer holds.",
        ("key", Schema.Text("The key itself, to be sent as `Authorization: Bearer`.", 128, 1, "^pk_(live|test)_[0-9a-z]{26}_[0-9A-Za-z]{49}$")))
        .Such("""
            {"id": "key_01jk2m3n4p5q6r7s8t9v0w1x2y", "name": "checkout", "role": "developer", "scopes": ["resources.read", "resources.write"], "rate_limit": 600,
             "hint": "pk_live_...4f2a", "created_by": "key_01jk2m3n4p5q6r7s8t9v0w1x2z", "created_at": "2026-01-31T12:00:00Z", "expires_at": null, "revoked_at": null, "version": 1,
             "key": "pk_live_01jk2m3n4p5q6r7s8t9v0w1x2y_ThisIsWhereTheSecretOfTheKeyStandsInBase62abcdefg"}
            """);

    private static readonly Parameter Id = Parameter.Path("id", Schema.Id(IdPrefix.ApiKey, "The key."));

    public static readonly Operation Create = new("createApiKey", Tags.ApiKeys, "Make an API key")
    {
        Description = "The only answer that holds the key itself; a replay under the same `Idempotency-Key` shows it again for 24 hours, to the same caller. A key cannot make one that may more than itself. Emits `api_key.changed` to the audit topic.",
        Body = new(NewKey),
        Answers = [Answer.Created(KeyWithText, "The key, with its text.") with { HasETag = true }],
        Errors = [KeyProblems.Stronger("the role 'owner'")],
        InputCodes = ["unknown_scope"],
    };

    public static readonly Operation List = new("listApiKeys", Tags.ApiKeys, "List API keys")
    {
        Description = "Revoked ones included, in order of creation.",
        Parameters = [Parameter.Fields(ApiKey.FieldNames), .. Parameter.Page],
        Answers = [Answer.Ok(Schema.PageOf(Key.Selectable()), "A page.")],
    };

    public static readonly Operation Get = new("getApiKey", Tags.ApiKeys, "Get an API key")
    {
        Description = "Without its text, which is kept nowhere.",
        Parameters = [Id, Parameter.Fields(ApiKey.FieldNames)],
        Heeds = Heeds.IfNoneMatch,
        Answers = [Answer.Ok(Key.Selectable(), "The key.") with { HasETag = true }],
        Errors = [KeyProblems.NotFound()],
    };

    public static readonly Operation Revoke = new("revokeApiKey", Tags.ApiKeys, "Revoke an API key")
    {
        Description = "Every service refuses the key within a second. Also 204 for a key that was revoked before. The last key that could make owners stays.",
        Parameters = [Id],
        Heeds = Heeds.IfMatch,
        Answers = [Answer.NoContent("Revoked.")],
        Errors = [KeyProblems.Stronger("the role 'owner'"), KeyProblems.NotFound(), KeyProblems.LastOwner()],
    };

    public static readonly Operation Rotate = new("rotateApiKey", Tags.ApiKeys, "Rotate an API key")
    {
        Description = "A new key of the same name, role, scopes, limit and end. The old one works for `overlap` seconds more.",
        Parameters = [Id],
        Body = new(
            Schema.Input("ApiKeyRotation", "How long both work.", ("overlap?", Schema.Whole("Seconds for which the old key still works; 0 revokes it at once.", 0, 30 * 86_400).With("default", 86_400)))
                .Such("""{"overlap": 3600}"""),
            IsRequired: false),
        Answers = [Answer.Created(KeyWithText, "The new key, with its text.") with { HasETag = true }],
        Errors = [KeyProblems.Stronger("the role 'owner'"), KeyProblems.NotFound(), KeyProblems.Ended()],
    };
}
