using Platform.ServiceDefaults.Authentication;

namespace Platform.Auth.ApiKeys;

internal static class ApiKeysEndpoints
{
    public static void MapApiKeys(this IEndpointRouteBuilder app)
    {
        app.MapPost("/v1/api-keys", CreateApiKey.HandleAsync).RequireScope(Scopes.KeysWrite);
        app.MapGet("/v1/api-keys", ListApiKeys.HandleAsync).RequireScope(Scopes.KeysRead);
        app.MapGet("/v1/api-keys/{id}", GetApiKey.HandleAsync).RequireScope(Scopes.KeysRead);
        app.MapDelete("/v1/api-keys/{id}", RevokeApiKey.HandleAsync).RequireScope(Scopes.KeysWrite);
        app.MapPost("/v1/api-keys/{id}:rotate", RotateApiKey.HandleAsync).RequireScope(Scopes.KeysWrite);
    }
}
