using Platform.ServiceDefaults.Authentication;

namespace Platform.CoreApi.Files.Downloads;

/// <summary><c>GET</c> and <c>HEAD /v1/files/{id}</c>: the content, or the range of it that is asked for.</summary>
internal static class DownloadFile
{
    public static Task<IResult> HandleAsync(string id, HttpContext http, FileContent content) =>
        FileInput.TryId(id, out var key)
            ? content.AnswerAsync(http, http.Principal().TenantId, key, FileHeaders.Attachment)
            : Task.FromResult<IResult>(FileProblems.NotFound());
}
