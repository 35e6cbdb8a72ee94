using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.OpenApi;

namespace Platform.Auth.ApiKeys;

internal static class ApiKeysEndpoints
{
    public static void MapApiKeys(this IEndpointRouteBuilder app)
    {
        app.MapPost("/v1/api-keys", CreateApiKey.HandleAsync).RequireScope(Scopes.KeysWrite).Describe(() => ApiKeysDescriptions.Create);
        app.MapGet("/v1/api-keys", ListApiKeys.HandleAsync).RequireScope(Scopes.KeysRead).Describe(() => ApiKeysDescriptions.List);
        app.MapGet("/v1/api-keys/{id}", GetApiKey.HandleAsync).RequireScope(Scopes.KeysRead).Describe(() => ApiKeysDescriptions.Get);
        app.MapDelete("/v1/api-keys/{id}", RevokeApiKey.HandleAsync).RequireScope(Scopes.KeysWrite).Describe(() => ApiKeysDescriptions.Revoke);
        app.MapPost("/v1/api-keys/{id}:rotate", RotateApiKey.HandleAsync).RequireScope(Scopes.KeysWrite).Describe(() => ApiKeysDescriptions.Rotate);
    }
}
