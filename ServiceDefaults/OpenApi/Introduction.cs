using System.Text.Json.Nodes;

namespace Platform.ServiceDefaults.OpenApi;

/// <summary>What a caller has to know before the first operation.</summary>
internal static class Introduction
{
    private const string Text = """
        Identity and API keys, versioned resources, background jobs, signed webhooks, search and analytics. Every write is idempotent, every change is
        an event, and what was acknowledged with a 2xx is committed.

        ## Requests

        JSON in UTF-8, names in snake_case, times as RFC 3339 in UTC. `Authorization: Bearer <API key>` on every route that names a scope. A body may have
        1 MiB and 32 levels; a field that a request does not have is a fault, and an explicit null is the same as a field that is not there. `X-Request-Id` is
        taken and given back; `traceparent` is continued.

        ## Failures

        RFC 9457 problem documents (`application/problem+json`). Match on `code`. All faults of an input come at once in `errors`, each with a JSON Pointer
        or the name of the parameter or header. The codes there: `required`, `unknown_field`, `wrong_type`, `invalid_length`, `invalid_format`, `invalid_value`,
        `out_of_range`, `too_many`, `too_large`, `immutable`, `invalid_text` (U+0000 or a lone surrogate), `invalid_etag`, `invalid_cursor`,
        `invalid_idempotency_key`; operations name those that are their own. What is not there and what belongs to somebody else are the same 404. A path that does not
        exist is 404 `route_not_found`, another method 405 `method_not_allowed`.

        ## Idempotency

        Send `Idempotency-Key` (1 to 255 printable ASCII characters) with every write. The same key with the same request gets the stored answer, with
        `Idempotency-Replayed: true` and status 200 where the first was 201; while the first still runs 409 `idempotency_in_progress`; with another request 422
        `idempotency_key_reused`. Kept for 24 hours. A refusal of the input is not stored, nor are 401, 429 and 5xx: mend the request or wait, and use the same key.

        ## Lists

        `limit` (1 to 200, 50 by default) and `cursor`; the answer is `{"data": [...], "next_cursor": "...", "has_more": true}`. What is written meanwhile moves no page. `fields=a,b`
        selects fields of the objects.

        ## Versions

        An object with a version has an `ETag`. `If-Match` on a write makes it conditional (412 `version_mismatch`); `If-None-Match` on a read saves the body (304).

        ## Limits

        `RateLimit-Policy: "default";q=100;w=10` is the quota, `RateLimit: "default";r=99;t=10` what is left of it. 429 `rate_limited` says in `Retry-After` when to come again.
        """;

    public static JsonObject Info() => new()
    {
        ["title"] = "Platform API",
        ["version"] = "v1",
        ["summary"] = "A self-hosted backend for an API product.",
        ["description"] = Text.ReplaceLineEndings("\n"),
    };
}
