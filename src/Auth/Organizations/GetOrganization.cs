using System.Buffers;
using System.Text.Json;
using Npgsql;
using Platform.Contracts.Identifiers;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.OpenApi;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Auth.Organizations;

internal static class OrganizationsEndpoints
{
    public static void MapOrganizations(this IEndpointRouteBuilder app) =>
        app.MapGet("/v1/organization", GetOrganization.HandleAsync).RequireScope(Scopes.OrganizationRead).Describe(() => OrganizationsDescriptions.Get);
}

/// <summary><c>GET /v1/organization</c>: the caller's own.</summary>
internal static class GetOrganization
{
    public static async Task<IResult> HandleAsync(HttpContext http, AuthDatabase database)
    {
        var tenant = http.Principal().TenantId;
        await using var connection = await database.Requests.OpenConnectionAsync(http.RequestAborted);
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                TenantScope.Set(tenant),
                new("SELECT slug, name, created_at FROM auth.organization WHERE tenant_id = $1")
                {
                    Parameters = { new NpgsqlParameter<Guid> { TypedValue = tenant } },
                },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(http.RequestAborted);
        await reader.NextResultAsync(http.RequestAborted);
        if (!await reader.ReadAsync(http.RequestAborted))
        {
            return KnownProblems.NotFound("organization");
        }

        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("id", TypeId.Format(IdPrefix.Organization, tenant));
            json.WriteString("slug", reader.GetString(0));
            json.WriteString("name", reader.GetString(1));
            json.WriteString("created_at", Rfc3339.Format(reader.GetFieldValue<DateTimeOffset>(2)));
            json.WriteEndObject();
        }

        return JsonAnswer.Ok(buffer.WrittenSpan.ToArray());
    }
}
