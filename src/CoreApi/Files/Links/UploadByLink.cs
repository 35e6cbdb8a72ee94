using Platform.CoreApi.Files.Uploads;

namespace Platform.CoreApi.Files.Links;

/// <summary><c>PUT /v1/files/upload?token=</c>: the one file that the link is for, from whoever has it.</summary>
internal sealed class UploadByLink(UploadFile upload, LinkSecret secret, TimeProvider clock)
{
    public async Task<IResult> HandleAsync(HttpContext http)
    {
        http.Response.Headers["Referrer-Policy"] = "no-referrer";
        return UploadGrant.TryRead(http.Request.Query["token"].ToString(), secret.Value, out var grant) && grant.ExpiresAt > clock.GetUtcNow()
            ? await upload.HandleAsync(http, grant)
            : FileProblems.LinkInvalid();
    }
}
