using Microsoft.Extensions.Options;
using Platform.CoreApi.Files.Downloads;
using Platform.CoreApi.Files.Links;
using Platform.CoreApi.Files.Objects;
using Platform.CoreApi.Files.Objects.FileSystem;
using Platform.CoreApi.Files.Objects.S3;
using Platform.CoreApi.Files.Removal;
using Platform.CoreApi.Files.Uploads;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Health;
using Platform.ServiceDefaults.Hosting;
using Platform.ServiceDefaults.OpenApi;

namespace Platform.CoreApi.Files;

internal static class FilesEndpoints
{
    private static readonly string[] Reading = [HttpMethods.Get, HttpMethods.Head];

    public static void MapFiles(this IEndpointRouteBuilder app)
    {
        app.MapPost("/v1/files", (HttpContext http, UploadFile upload) => upload.HandleAsync(http)).RequireScope(Scopes.FilesWrite).Describe(() => FilesDescriptions.Upload);
        app.MapGet("/v1/files", ListFiles.HandleAsync).RequireScope(Scopes.FilesRead).Describe(() => FilesDescriptions.List);
        app.MapMethods("/v1/files/{id}", Reading, DownloadFile.HandleAsync).RequireScope(Scopes.FilesRead).Describe(() => FilesDescriptions.Download);
        app.MapGet("/v1/files/{id}/metadata", GetFileMetadata.HandleAsync).RequireScope(Scopes.FilesRead).Describe(() => FilesDescriptions.Metadata);
        app.MapDelete("/v1/files/{id}", DeleteFile.HandleAsync).RequireScope(Scopes.FilesWrite).Describe(() => FilesDescriptions.Delete);
        app.MapPost("/v1/files/{id}:presign", (string id, HttpContext http, PresignFile presign) => presign.HandleAsync(id, http)).RequireScope(Scopes.FilesRead).Describe(() => FilesDescriptions.Presign);
        app.MapPost("/v1/files:presign", (HttpContext http, PresignUpload presign) => presign.HandleAsync(http)).RequireScope(Scopes.FilesWrite).Describe(() => FilesDescriptions.PresignUpload);
        app.MapPut("/v1/files/upload", (HttpContext http, UploadByLink upload) => upload.HandleAsync(http)).AllowEverybody().Describe(() => FilesDescriptions.UploadByLink);
        app.MapMethods("/v1/files/{id}/shared", Reading, SharedFile.HandleAsync).AllowEverybody().Describe(() => FilesDescriptions.Shared);
    }

    public static IServiceCollection AddFiles(this IServiceCollection services)
    {
        services.AddOptions<FilesOptions>().BindConfiguration("Files").ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(s => s.GetRequiredService<IOptions<FilesOptions>>().Value);
        services.AddSingleton(CreateStore);
        services.AddSingleton<ObjectStoreHealth>();
        services.AddSingleton<IDegradedCheck>(s => s.GetRequiredService<ObjectStoreHealth>());
        services.AddHostedService(s => s.GetRequiredService<ObjectStoreHealth>());
        services.AddSingleton<ObjectRemovals>();
        services.AddSingleton<ObjectRemovalWorker>();
        services.AddHostedService(s => s.GetRequiredService<ObjectRemovalWorker>());
        services.AddSingleton<LinkSecret>();
        services.AddSingleton<IStartupTask>(s => s.GetRequiredService<LinkSecret>());
        services.AddSingleton<IFileLimits, ConfiguredFileLimits>();
        services.AddSingleton<FilesMetrics>();
        services.AddSingleton<UploadFile>();
        services.AddSingleton<FileContent>();
        services.AddSingleton<PresignFile>();
        services.AddSingleton<PresignUpload>();
        services.AddSingleton<UploadByLink>();
        return services;
    }

    /// <exception cref="StartupException">The settings of S3 make no sense.</exception>
    private static IObjectStore CreateStore(IServiceProvider services)
    {
        var configuration = services.GetRequiredService<IConfiguration>();
        if (configuration.GetConnectionString("s3") is { Length: > 0 } s3)
        {
            return new S3ObjectStore(S3Settings.Parse(s3));
        }

        var data = configuration["PLATFORM_DATA"] is { Length: > 0 } folder ? folder : ".platform";
        var own = services.GetRequiredService<FilesOptions>().Directory;
        return new FileSystemObjectStore(own.Length > 0 ? own : Path.Combine(data, "files"));
    }
}
