using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.OpenApi;

namespace Platform.Analytics.Search;

internal static class SearchEndpoints
{
    public static void MapSearch(this IEndpointRouteBuilder app)
    {
        // What is found shows what resources hold; events need their own scope on top, which the handler checks.
        app.MapGet("/v1/search", SearchDocuments.HandleAsync).RequireScope(Scopes.ResourcesRead).Describe(() => SearchDescriptions.Search);
        app.MapGet("/v1/search/suggest", SuggestTerms.HandleAsync).RequireScope(Scopes.ResourcesRead).Describe(() => SearchDescriptions.Suggest);
    }
}
