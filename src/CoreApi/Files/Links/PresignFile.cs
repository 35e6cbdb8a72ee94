using Microsoft.Extensions.Options;
using Platform.CoreApi.Files.Downloads;
using Platform.CoreApi.Files.Objects;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Requests;

namespace Platform.CoreApi.Files.Links;

/// <summary>
/// <c>POST /v1/files/{id}:presign {expires_in?, disposition?}</c>: a URL that gives the content to whoever has it, until it expires or the file is
/// deleted. It is the store's own where clients reach the store, ours otherwise.
/// </summary>
internal sealed class PresignFile(CoreDatabase database, IObjectStore store, LinkSecret secret, IOptions<FilesOptions> options, TimeProvider clock)
{
    private const int DefaultSeconds = 15 * 60;

    /// <summary>A week, which is the most that S3 signs for.</summary>
    private const int MaxSeconds = 7 * 24 * 60 * 60;

    public async Task<IResult> HandleAsync(string id, HttpContext http)
    {
        if (!FileInput.TryId(id, out var key))
        {
            return FileProblems.NotFound();
        }

        var (body, unreadable) = await ReadAsync(http);
        if (body is null)
        {
            return unreadable!;
        }

        using (body)
        {
            var seconds = body.Fields.OptionalInt("expires_in", min: 1, max: MaxSeconds) ?? DefaultSeconds;
            var disposition = body.Fields.OptionalString("disposition") ?? FileHeaders.Attachment;
            if (disposition is not (FileHeaders.Attachment or FileHeaders.Inline))
            {
                body.Fields.Fault("disposition", "invalid_value", "'disposition' is attachment or inline.");
            }

            if (body.Fields.Problem is { } invalid)
            {
                return invalid;
            }

            // The stored answer is a right to read, so it is only for the key that asked.
            var (write, badKey) = WriteRequest.Of(http, body.Root, perCaller: true);
            return badKey ?? await Writes.TransactAsync(database, write, RequestId.Of(http), async transaction =>
            {
                if (await FileRows.FindAsync(transaction, key, locking: false, http.RequestAborted) is not { } file)
                {
                    return FileProblems.NotFound();
                }

                var expires = DateTimeOffset.FromUnixTimeSeconds(clock.GetUtcNow().ToUnixTimeSeconds() + seconds);
                var link = new ObjectLink(expires, file.ContentType, FileHeaders.Disposition(disposition, file.Name));
                var url = store.Link(file.ObjectKey, link)?.AbsoluteUri ?? Own(http, write.Tenant, file, expires, disposition);
                return JsonAnswer.Ok(LinkDocument.Write(url, expires));
            }, http.RequestAborted);
        }
    }

    /// <summary>Everything in it has a default, so no body at all is one too.</summary>
    private static ValueTask<(JsonBody? Body, ServiceDefaults.Problems.Problem? Problem)> ReadAsync(HttpContext http) =>
        http.Request.ContentLength is null or 0 && http.Request.ContentType is null && !http.Request.Headers.ContainsKey("Transfer-Encoding")
            ? ValueTask.FromResult(JsonBody.Parse("{}"u8.ToArray()))
            : JsonBody.ReadAsync(http);

    private string Own(HttpContext http, Guid tenant, StoredFile file, DateTimeOffset expires, string disposition)
    {
        var token = new LinkToken(tenant, expires, disposition == FileHeaders.Inline).Sign(file.Id, secret.Value);
        var host = options.Value.PublicUrl?.ToString().TrimEnd('/') ?? $"{http.Request.Scheme}://{http.Request.Host}";
        return $"{host}{file.Location}/shared?token={token}";
    }
}
