using Microsoft.Extensions.Options;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Requests;

namespace Platform.Auth.ApiKeys;

/// <summary>
/// <c>POST /v1/api-keys {name, scopes?, role?, expires_at?, rate_limit?}</c>: 201, and the only answer that holds the key itself. A replay
/// under the same Idempotency-Key shows it again for 24 hours, to the same organization.
/// </summary>
internal static class CreateApiKey
{
    public static async Task<IResult> HandleAsync(HttpContext http, AuthDatabase database, IOptions<AuthOptions> options, TimeProvider clock)
    {
        var (body, unreadable) = await JsonBody.ReadAsync(http);
        if (body is null)
        {
            return unreadable!;
        }

        using (body)
        {
            var input = Input.Read(body.Fields, clock.GetUtcNow());
            if (body.Fields.Problem is { } invalid)
            {
                return invalid;
            }

            var (write, badKey) = WriteRequest.Of(http, body.Root, perCaller: true);
            return badKey ?? await Writes.TransactAsync(database, write, RequestId.Of(http), async transaction =>
            {
                var caller = http.Principal();
                var (strength, refused) = await KeyStrength.OfAsync(transaction, caller, clock, http.RequestAborted);
                if (strength is null)
                {
                    return refused!;
                }

                string[] scopes = input.Scopes ?? [.. strength.Scopes.Order(StringComparer.Ordinal)];
                var role = input.Role ?? strength.DefaultRole(scopes);
                var expiresAt = input.ExpiresAt ?? strength.ExpiresAt;
                if (strength.Exceeds(role, scopes, expiresAt) is { } stronger)
                {
                    return stronger;
                }

                var (key, text) = ApiKey.New(
                    options.Value.KeyEnvironment, input.Name, role, scopes, input.RateLimit, expiresAt, caller.Actor, clock);
                transaction.Add(ApiKeyRows.Insert(transaction.Tenant, key));
                transaction.Publish(key.Changed(transaction.Tenant, "created", caller.Actor, clock));
                return JsonAnswer.Created(key.Location, key.ToJson(text)) with { EntityTag = ETag.Of(key.Version) };
            }, http.RequestAborted);
        }
    }

    private sealed record Input(string Name, string[]? Scopes, string? Role, DateTimeOffset? ExpiresAt, int? RateLimit)
    {
        private const int MaxRateLimit = 100_000_000;

        public static Input Read(JsonFields fields, DateTimeOffset now)
        {
            var name = fields.RequiredString("name", max: 200);
            var role = fields.OptionalString("role");
            if (role is not null && !Roles.All.Contains(role))
            {
                fields.Fault("role", "invalid_value", $"'role' is one of {string.Join(", ", Roles.All)}.");
            }

            var expiresAt = fields.OptionalTime("expires_at");
            if (expiresAt <= now)
            {
                fields.Fault("expires_at", "out_of_range", "'expires_at' must be in the future.");
            }

            return new(name, ReadScopes(fields), role, Microseconds(expiresAt), fields.OptionalInt("rate_limit", 1, MaxRateLimit));
        }

        private static string[]? ReadScopes(JsonFields fields)
        {
            var scopes = fields.OptionalStringList("scopes");
            if (scopes is null)
            {
                return null;
            }

            if (scopes.Count == 0)
            {
                fields.Fault("scopes", "invalid_length", "'scopes' must name at least one scope; leave it out for those of the key that asks.");
            }

            for (var i = 0; i < scopes.Count; i++)
            {
                if (scopes[i] != "*" && !ServiceDefaults.Authentication.Scopes.All.Contains(scopes[i]))
                {
                    fields.Fault("scopes", i, "unknown_scope", $"Scopes are * or of {string.Join(", ", ServiceDefaults.Authentication.Scopes.All)}.");
                }
            }

            return [.. scopes.Distinct(StringComparer.Ordinal)];
        }

        private static DateTimeOffset? Microseconds(DateTimeOffset? time) => time?.AddTicks(-(time.Value.Ticks % TimeSpan.TicksPerMicrosecond));
    }
}
