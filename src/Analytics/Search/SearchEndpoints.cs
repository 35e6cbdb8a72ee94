using Platform.ServiceDefaults.Authentication;

namespace Platform.Analytics.Search;

internal static class SearchEndpoints
{
    public static void MapSearch(this IEndpointRouteBuilder app)
    {
        // What is found shows what resources hold; events need their own scope on top, which the handler checks.
        app.MapGet("/v1/search", SearchDocuments.HandleAsync).RequireScope(Scopes.ResourcesRead);
        app.MapGet("/v1/search/suggest", SuggestTerms.HandleAsync).RequireScope(Scopes.ResourcesRead);
    }
}
