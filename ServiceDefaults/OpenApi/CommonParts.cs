using System.Text.Json.Nodes;
using Platform.ServiceDefaults.Problems;

namespace Platform.ServiceDefaults.OpenApi;

/// <summary>What all operations share: headers, the problem document, the failures that follow from how a route is made.</summary>
internal static class CommonParts
{
    public const string ExampleRequestId = "req_01jk2m3n4p5q6r7s8t9v0w1x2y";

    private const string Bearer = "bearer";

    public static readonly Schema Problem = Schema.Object("Problem", "A failure, as RFC 9457 has it. Match on `code`; the texts are for people and may change.",
        ("type", Schema.Text("`urn:platform:problem:` and the code.", 128, 1, "^urn:platform:problem:[a-z0-9_]+$")),
        ("title", Schema.Text("The same for every occurrence.", 200)),
        ("status", Schema.Whole("The HTTP status.", 400, 599)),
        ("detail", Schema.Text("About this occurrence.", 4096)),
        ("code", Schema.Text("Stable and machine-readable.", 64, 1, "^[a-z][a-z0-9_]*$")),
        ("request_id", Schema.Text("As in `X-Request-Id`.", 128, 1)),
        ("errors?", Schema.ListOf(
            Schema.Object("InputError", "One fault in the input.",
                ("pointer", Schema.Text("JSON Pointer into the body, or the name of a query parameter or header.", 8192)),
                ("code", Schema.Text("Machine-readable.", 64, 1, "^[a-z][a-z0-9_]*$")),
                ("detail", Schema.Text("For people.", 4096))),
            "All faults of the input at once; there for `validation_failed` and `batch_failed`.", 100_000)));

    private static readonly (string Name, string Header, Schema Schema)[] Headers =
    [
        ("RequestId", "X-Request-Id", Schema.Text("The request's id: the caller's where it gave one, else a new one. Log lines and traces carry it.", 128, 1, "^[A-Za-z0-9._:-]+$")
            .Such($"\"{ExampleRequestId}\"")),
        ("RateLimit", "RateLimit", Schema.Text("What is left (`r`) and in how many seconds the whole quota is back (`t`).", 128, 1, "^\".+\";r=\\d+;t=\\d+$").Such("\"\\\"default\\\";r=99;t=10\"")),
        ("RateLimitPolicy", "RateLimit-Policy", Schema.Text("The quota (`q`) and its window in seconds (`w`).", 128, 1, "^\".+\";q=\\d+;w=\\d+$").Such("\"\\\"default\\\";q=100;w=10\"")),
        ("RetryAfter", "Retry-After", Schema.Whole("Seconds to wait before the same request is sent again.", 0, 86_400).Such("1")),
        ("IdempotencyReplayed", "Idempotency-Replayed", Schema.OneOf("There where this is the stored answer of an earlier request with the same `Idempotency-Key`.", "true")),
        ("ETag", "ETag", Schema.Text("The entity tag of what is shown.", 128, 2, "^(W/)?\"[^\"]*\"$").Such("\"\\\"3\\\"\"")),
        ("Location", "Location", Schema.Text("The path under which it is read.", 2048, 1, "^/").Such("\"/v1/resources/res_01jk2m3n4p5q6r7s8t9v0w1x2y\"")),
        ("WwwAuthenticate", "WWW-Authenticate", Schema.OneOf("The scheme that is asked for.", "Bearer")),
    ];

    private static readonly (string Name, Parameter Parameter)[] Parameters =
    [
        ("IdempotencyKey", new("Idempotency-Key", "header", Schema.Text(
            "Makes the write safe to repeat: the same key with the same request gets the stored answer for 24 hours, whatever became of the first. Any value that the caller will not use for another request, such as a UUID.",
            255, 1, "^[ -~]+$")) { Example = "order-42-created" }),
        ("IfMatch", new("If-Match", "header", Schema.Text("Only if this is the current version: entity tags with their quotes, or `*`. Else 412.", 1024, 1)) { Example = "\"3\"" }),
        ("IfNoneMatch", new("If-None-Match", "header", Schema.Text("304 without a body if this is the current version.", 1024, 1)) { Example = "\"3\"" }),
        ("RequestId", new("X-Request-Id", "header", Schema.Text("An id of the caller's for this request.", 128, 1, "^[A-Za-z0-9._:-]+$")) { Example = ExampleRequestId }),
    ];

    /// <summary>The failures that are the same wherever they can happen.</summary>
    private static readonly (string Name, string Description, Problem[] Problems)[] Failures =
    [
        ("Unauthenticated", "No key, or one that is not valid; the answer does not tell why.", [KnownProblems.Unauthenticated("The API key is not valid.")]),
        ("Forbidden", "The key lacks the scope that `detail` names.", [KnownProblems.Forbidden("resources.write")]),
        ("TooLarge", "The body is larger than 1 MiB.", [KnownProblems.BodyTooLarge(Requests.JsonBody.MaxBytes)]),
        ("UnsupportedMediaType", "The body has another media type.", [KnownProblems.UnsupportedMediaType("text/plain", "application/json")]),
        ("IdempotencyKeyReused", "The `Idempotency-Key` was used with another request in the last 24 hours.", [KnownProblems.IdempotencyKeyReused()]),
        ("RateLimited", "Too many requests; `Retry-After` says when the next is allowed.", [KnownProblems.RateLimited(1)]),
        ("InternalError", "Our fault; nothing was changed.", [KnownProblems.Internal()]),
        ("Unavailable", "The database or another part is away. The same request can be sent again after `Retry-After`.", [KnownProblems.Unavailable()]),
    ];

    public static JsonObject HeaderReference(string name) => new() { ["$ref"] = "#/components/headers/" + name };

    public static JsonObject ParameterReference(string name) => new() { ["$ref"] = "#/components/parameters/" + name };

    public static JsonObject FailureReference(string name) => new() { ["$ref"] = "#/components/responses/" + name };

    public static JsonObject ToJson(Components schemas) => new()
    {
        ["headers"] = new JsonObject(Headers.Select(h => KeyValuePair.Create(h.Name, (JsonNode?)Header(h.Schema, schemas)))),
        ["parameters"] = new JsonObject(Parameters.Select(p => KeyValuePair.Create(p.Name, (JsonNode?)ParameterJson(p.Parameter, schemas)))),
        ["responses"] = new JsonObject(Failures.Select(f => KeyValuePair.Create(f.Name, (JsonNode?)FailureJson(f.Description, f.Problems, schemas, hasLimits: f.Problems[0].Status is not (401 or >= 500), isWrite: false)))),
        ["securitySchemes"] = new JsonObject
        {
            [Bearer] = new JsonObject
            {
                ["type"] = "http",
                ["scheme"] = "bearer",
                ["bearerFormat"] = "pk_live_… or pk_test_…",
                ["description"] = "An API key (`POST /v1/api-keys`; the first one is made at the first start). The scope that it needs is the operation's `x-required-scope`.",
            },
        },
    };

    /// <summary>The scope stands beside it: OpenAPI has scopes for OAuth alone, and linters hold it to that.</summary>
    public static JsonArray Security(string? scope) =>
        scope is null ? [] : new JsonArray(new JsonObject { [Bearer] = new JsonArray() });

    public static JsonObject Header(Schema schema, Components schemas)
    {
        var json = (schema with { }).ToJson(schemas);
        json.Remove("description");
        json.Remove("examples");
        var header = new JsonObject { ["description"] = schema.Description, ["schema"] = json };
        if (schema.Example is { } example)
        {
            header["example"] = example.DeepClone();
        }

        return header;
    }

    public static JsonObject ParameterJson(Parameter parameter, Components schemas)
    {
        var schema = parameter.Schema.ToJson(schemas);
        schema.Remove("description");
        schema.Remove("examples");
        var json = new JsonObject { ["name"] = parameter.Name, ["in"] = parameter.In, ["description"] = parameter.Schema.Description };
        if (parameter.IsRequired)
        {
            json["required"] = true;
        }

        if (parameter.Schema.Items is not null)
        {
            json["style"] = "form";
            json["explode"] = !parameter.IsCommaSeparated;
        }

        json["schema"] = schema;
        if ((parameter.Example ?? parameter.Schema.Example) is { } example)
        {
            json["example"] = example.DeepClone();
        }

        return json;
    }

    /// <summary>The answer of one status: its problem document, narrowed to the codes that it can have, each with an example.</summary>
    public static JsonObject FailureJson(string description, IReadOnlyList<Problem> problems, Components schemas, bool hasLimits, bool isWrite)
    {
        var headers = new JsonObject { ["X-Request-Id"] = HeaderReference("RequestId") };
        if (hasLimits)
        {
            headers["RateLimit"] = HeaderReference("RateLimit");
            headers["RateLimit-Policy"] = HeaderReference("RateLimitPolicy");
        }

        if (isWrite)
        {
            headers["Idempotency-Replayed"] = HeaderReference("IdempotencyReplayed");
        }

        if (problems.Any(p => p.RetryAfter is not null))
        {
            headers["Retry-After"] = HeaderReference("RetryAfter");
        }

        if (problems[0].Status == 416)
        {
            headers["Content-Range"] = Header(Schema.Text("How many bytes there are.", 128), schemas);
        }

        if (problems[0].Status == 401)
        {
            headers["WWW-Authenticate"] = HeaderReference("WwwAuthenticate");
        }

        var codes = problems.Select(p => p.Code).Distinct(StringComparer.Ordinal).ToArray();
        return new()
        {
            ["description"] = description,
            ["headers"] = headers,
            ["content"] = new JsonObject
            {
                ["application/problem+json"] = new JsonObject
                {
                    ["schema"] = new JsonObject
                    {
                        ["allOf"] = new JsonArray(Problem.ToJson(schemas), new JsonObject
                        {
                            ["properties"] = new JsonObject
                            {
                                ["status"] = new JsonObject { ["const"] = problems[0].Status },
                                ["code"] = new JsonObject { ["enum"] = new JsonArray([.. codes.Select(c => (JsonNode)c)]) },
                            },
                        }),
                    },
                    ["examples"] = new JsonObject(problems.DistinctBy(p => p.Code).Select(p => KeyValuePair.Create(p.Code, (JsonNode?)new JsonObject
                    {
                        ["summary"] = p.Title,
                        ["value"] = JsonNode.Parse(p.ToJson(ExampleRequestId)),
                    }))),
                },
            },
        };
    }
}
