using Platform.CoreApi.Files.Downloads;

namespace Platform.CoreApi.Files.Links;

/// <summary><c>GET /v1/files/{id}/shared?token=</c>: the content, for whoever has the link. A link that has expired or was changed is 403.</summary>
internal static class SharedFile
{
    public static Task<IResult> HandleAsync(string id, HttpContext http, FileContent content, LinkSecret secret, TimeProvider clock)
    {
        if (!FileInput.TryId(id, out var key) || !LinkToken.TryRead(http.Request.Query["token"].ToString(), key, secret.Value, out var token)
            || token.ExpiresAt <= clock.GetUtcNow())
        {
            return Task.FromResult<IResult>(FileProblems.LinkInvalid());
        }

        // The address is the right: it must not travel on in a Referer.
        http.Response.Headers["Referrer-Policy"] = "no-referrer";
        return content.AnswerAsync(http, token.Tenant, key, token.IsInline ? FileHeaders.Inline : FileHeaders.Attachment);
    }
}
