using Platform.CoreApi.Files.Downloads;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Requests;

namespace Platform.CoreApi.Files;

/// <summary><c>GET /v1/files/{id}/metadata</c>: the file's document. It has a path of its own, since a file can be JSON itself.</summary>
internal static class GetFileMetadata
{
    public static async Task<IResult> HandleAsync(string id, HttpContext http, CoreDatabase database)
    {
        if (!FileInput.TryId(id, out var key) || await FileRows.FindAsync(database, http.Principal().TenantId, key, http.RequestAborted) is not { } file)
        {
            return FileProblems.NotFound();
        }

        return FileTags.NoneMatchHolds(http, file)
            ? new JsonAnswer(StatusCodes.Status304NotModified, ReadOnlyMemory<byte>.Empty) { EntityTag = file.EntityTag }
            : JsonAnswer.Ok(file.ToJson()) with { EntityTag = file.EntityTag };
    }
}
