using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Platform.ServiceDefaults.Authentication;

namespace Platform.ServiceDefaults.OpenApi;

/// <summary><c>GET /openapi/v1.json</c> and <c>GET /docs</c>: the process's own routes, to everybody who reaches the port.</summary>
internal static class OpenApiEndpoints
{
    public static IServiceCollection AddPlatformOpenApi(this IServiceCollection services) => services.AddSingleton<ApiDocument>();

    public static void MapPlatformOpenApi(this WebApplication app)
    {
        app.MapGet("/openapi/v1.json", (HttpContext http, ApiDocument document) => AnswerAsync(http, document.Document, "application/json"))
            .AllowEverybody().Describe(() => PlatformDescriptions.Document);
        app.MapGet("/docs", (HttpContext http, ApiDocument document) =>
        {
            http.Response.Headers.ContentSecurityPolicy = DocsPage.ContentSecurityPolicy;
            http.Response.Headers.XContentTypeOptions = "nosniff";
            http.Response.Headers["Referrer-Policy"] = "no-referrer";
            return AnswerAsync(http, document.Page, "text/html; charset=utf-8");
        }).AllowEverybody().Describe(() => PlatformDescriptions.Docs);
    }

    private static Task AnswerAsync(HttpContext http, (byte[] Bytes, string Tag) content, string contentType)
    {
        http.Response.Headers.ETag = content.Tag;
        http.Response.Headers.CacheControl = "no-cache";
        if (http.Request.Headers.IfNoneMatch.ToString().Split(',', StringSplitOptions.TrimEntries).Any(t => t == "*" || t == content.Tag || t == "W/" + content.Tag))
        {
            http.Response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        http.Response.ContentType = contentType;
        http.Response.ContentLength = content.Bytes.Length;
        return http.Response.Body.WriteAsync(content.Bytes, http.RequestAborted).AsTask();
    }
}
