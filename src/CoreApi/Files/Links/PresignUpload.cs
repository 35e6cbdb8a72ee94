using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Platform.Contracts.Identifiers;
using Platform.CoreApi.Resources;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.CoreApi.Files.Links;

/// <summary>
/// <c>POST /v1/files:presign {name?, content_type?, labels?, max_bytes?, sha256?, expires_in?}</c>: a URL to which whoever has it can <c>PUT</c> one file,
/// once, until it expires.
/// </summary>
internal sealed class PresignUpload(CoreDatabase database, LinkSecret secret, IFileLimits limits, IOptions<FilesOptions> options, TimeProvider clock)
{
    private const int DefaultSeconds = 15 * 60;

    /// <summary>A day: so long is it remembered that a link has been used.</summary>
    private const int MaxSeconds = 24 * 60 * 60;

    public async Task<IResult> HandleAsync(HttpContext http)
    {
        var (body, unreadable) = await JsonBody.ReadAsync(http);
        if (body is null)
        {
            return unreadable!;
        }

        using (body)
        {
            var limit = await limits.OfAsync(http.Principal(), http.RequestAborted);
            var (grant, refused) = Read(body.Fields, http.Principal(), limit);
            if (grant is null)
            {
                return refused!;
            }

            var token = grant.Sign(secret.Value);
            if (token.Length > UploadGrant.MaxToken)
            {
                return KnownProblems.Validation("/labels", "too_large", "Name and labels are too long for a link.");
            }

            var host = options.Value.PublicUrl?.ToString().TrimEnd('/') ?? $"{http.Request.Scheme}://{http.Request.Host}";
            var (write, badKey) = WriteRequest.Of(http, body.Root, perCaller: true);
            return badKey ?? await Writes.TransactAsync(database, write, RequestId.Of(http), _ =>
                Task.FromResult<IResult>(JsonAnswer.Ok(LinkDocument.Write($"{host}/v1/files/upload?token={token}", grant.ExpiresAt))), http.RequestAborted);
        }
    }

    private (UploadGrant? Grant, Problem? Problem) Read(JsonFields fields, Principal principal, FileLimits limit)
    {
        var errors = new List<InputError>();
        var name = FileInput.Name(fields.OptionalString("name", 255), errors);
        var type = fields.OptionalString("content_type", 255);
        var mediaType = type is null ? null : FileInput.Type(type, errors).MediaType;
        var labels = fields.OptionalStringMap("labels");
        var most = fields.OptionalLong("max_bytes", 1, limit.MaxFileBytes);
        var sha256 = fields.OptionalString("sha256", SHA256.HashSizeInBytes * 2);
        if (sha256 is not null && (sha256.Length != SHA256.HashSizeInBytes * 2 || !sha256.All(char.IsAsciiHexDigit)))
        {
            fields.Fault("sha256", "invalid_digest", "'sha256' must have 64 hexadecimal digits.");
        }

        var seconds = fields.OptionalInt("expires_in", min: 1, max: MaxSeconds) ?? DefaultSeconds;
        foreach (var error in errors)
        {
            fields.Fault(error.Pointer == "Content-Type" ? "content_type" : error.Pointer, error.Code, error.Detail);
        }

        if (fields.Problem is { } invalid)
        {
            return (null, invalid);
        }

        if (mediaType is not null && !limit.Allows(mediaType))
        {
            return (null, FileProblems.TypeNotAllowed(mediaType, limit.Types));
        }

        var expires = DateTimeOffset.FromUnixTimeSeconds(clock.GetUtcNow().ToUnixTimeSeconds() + seconds);
        return (new(TypeId.New(clock), principal.TenantId, principal.KeyId, expires, name, type, Resource.LabelsJson(labels), most ?? limit.MaxFileBytes,
            sha256 is null ? null : Convert.FromHexString(sha256)), null);
    }
}
