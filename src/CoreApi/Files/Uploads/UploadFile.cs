using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Npgsql;
using Platform.Contracts.Events;
using Platform.Contracts.Identifiers;
using Platform.CoreApi.Files.Links;
using Platform.CoreApi.Files.Objects;
using Platform.CoreApi.Files.Removal;
using Platform.Eventing.Outbox;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.CoreApi.Files.Uploads;

/// <summary>
/// <c>POST /v1/files?name=&amp;label=k:v</c>, multipart/form-data with one file, or the content itself: 201 and <c>Location</c>. The body goes to
/// the object store as it comes and is hashed on the way; when the object is durable, one transaction claims the idempotency key, inserts the
/// file, counts it, and emits its event. A duplicate is found there and then: its object is removed again.
/// </summary>
internal sealed partial class UploadFile(
    CoreDatabase database, IObjectStore store, ObjectRemovals removals, IFileLimits limits, FilesMetrics metrics, IOptions<FilesOptions> options,
    TimeProvider clock, ILogger<UploadFile> logger)
{
    // Who has a link may do what it says, whatever its maker may do by now.
    private const string LinkRole = "developer";
    private static readonly HashSet<string> LinkScopes = [Scopes.FilesWrite];

    public async Task<IResult> HandleAsync(HttpContext http)
    {
        var (write, badKey) = WriteRequest.Of(http);
        var principal = http.Principal();
        return badKey ?? await HandleAsync(http, new Uploader(write, principal, await limits.OfAsync(principal, http.RequestAborted), Grant: null));
    }

    /// <summary>By a link: what it grants, on behalf of who made it, once.</summary>
    public async Task<IResult> HandleAsync(HttpContext http, UploadGrant grant)
    {
        var principal = new Principal(grant.Tenant, grant.Key, LinkRole, LinkScopes);
        var limit = await limits.OfAsync(principal, http.RequestAborted);
        var granted = new FileLimits { MaxFileBytes = Math.Min(limit.MaxFileBytes, grant.MaxBytes), MaxTotalBytes = limit.MaxTotalBytes, Types = limit.Types };
        return await HandleAsync(http, new Uploader(new(grant.Tenant, "PUT /v1/files/upload", "link " + grant.Id.ToString("N"), []), principal, granted, grant));
    }

    private async Task<IResult> HandleAsync(HttpContext http, Uploader uploader)
    {
        var (upload, refused) = await OpenAsync(http, uploader);
        if (upload is null)
        {
            return refused!;
        }

        using (upload.Body)
        {
            return await RunAsync(http, upload, uploader.Limits);
        }
    }

    /// <summary>Everything that can be said of the upload before its content is read.</summary>
    private static async Task<(Upload? Upload, Problem? Problem)> OpenAsync(HttpContext http, Uploader uploader)
    {
        var (limit, grant) = (uploader.Limits, uploader.Grant);
        if (http.Request.Headers.ContentEncoding.Count > 0 && http.Request.Headers.ContentEncoding != "identity")
        {
            return (null, FileProblems.EncodingNotSupported());
        }

        if (http.Request.ContentLength > limit.MaxFileBytes + UploadBody.Overhead)
        {
            return (null, KnownProblems.BodyTooLarge(limit.MaxFileBytes));
        }

        // The server's own limit is for JSON; the content's is kept by who reads it.
        http.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = limit.MaxFileBytes + UploadBody.Overhead + 1;
        var errors = new List<InputError>();
        var digest = ContentDigest.Read(http, errors);
        digest = digest with { Promised = grant?.Sha256 };
        var labels = grant?.Labels ?? FileInput.Labels(http, errors);
        UploadBody body;
        try
        {
            body = await UploadBody.OpenAsync(http, limit.MaxFileBytes);
        }
        catch (Exception e) when (UploadBody.Describe(e, http.RequestAborted) is { } problem)
        {
            return (null, problem is { Code: "validation_failed" } ? KnownProblems.Validation([.. errors, .. problem.Errors]) : problem);
        }

        var name = grant?.Name ?? FileInput.Name(http.Request.Query.TryGetValue("name", out var asked) ? asked.ToString() : body.Name, errors);
        var (type, mediaType) = FileInput.Type(body.ContentType, errors);
        if (grant?.ContentType is { } granted && !string.Equals(granted, type, StringComparison.OrdinalIgnoreCase))
        {
            errors.Add(new("Content-Type", "invalid_value", $"The link is for a file of type '{granted}'."));
        }

        if (errors.Count == 0 && limit.Allows(mediaType))
        {
            return (new(uploader.Write, uploader.Principal.Actor, body, name, type, labels, digest), null);
        }

        body.Dispose();
        return (null, errors.Count > 0 ? KnownProblems.Validation(errors) : FileProblems.TypeNotAllowed(mediaType, limit.Types));
    }

    private async Task<IResult> RunAsync(HttpContext http, Upload upload, FileLimits limit)
    {
        var key = TypeId.New(clock);
        var tenant = upload.Write.Tenant;
        var expected = Math.Max((http.Request.ContentLength ?? 0) - UploadBody.Overhead, 0);
        if (!await removals.ExpectAsync(tenant, key, expected, limit.MaxTotalBytes, http.RequestAborted))
        {
            return FileProblems.QuotaExceeded(limit.MaxTotalBytes);
        }

        var isDecided = false;
        var isKept = false;
        try
        {
            await using (new UploadLease(removals, key, options.Value.OrphanGrace, clock, logger))
            {
                if (await StoreAsync(http, upload, key) is { } problem)
                {
                    isDecided = true;
                    return problem;
                }

                var result = await CommitAsync(http, upload, key, limit);
                isDecided = true;
                isKept = result is JsonAnswer { Replayed: false };
                if (isKept)
                {
                    metrics.Uploaded(upload.Body.File.Count);
                }

                return result;
            }
        }
        finally
        {
            // Where a commit's outcome is not known the object stays: it has its file, or it is due in time.
            if (isDecided && !isKept)
            {
                await TryHastenAsync(key);
            }
        }
    }

    /// <summary>Null when the content is in the store, whole and as promised.</summary>
    private async Task<Problem?> StoreAsync(HttpContext http, Upload upload, Guid key)
    {
        try
        {
            await store.WriteAsync(key, upload.Body.File, http.RequestAborted);
            await upload.Body.EndAsync(http.RequestAborted);
            return upload.Digest.Check(upload.Body.HashOfBody(), upload.Body.File.Hash());
        }
        catch (ObjectStoreException e)
        {
            LogStoreFailed(e);
            return KnownProblems.Unavailable();
        }
        catch (Exception e) when (UploadBody.Describe(e, http.RequestAborted) is { } problem)
        {
            return problem;
        }
        catch (Exception)
        {
            // The caller has gone, was too slow, or broke HTTP: nothing of it is kept.
            await TryHastenAsync(key);
            throw;
        }
    }

    private async Task<IResult> CommitAsync(HttpContext http, Upload upload, Guid key, FileLimits limit)
    {
        var content = upload.Body.File;
        var write = upload.Write with { Fingerprint = upload.Write.Key is null ? [] : Fingerprint.Of(http, upload.Identity(content.Hash())) };
        return await Writes.TransactAsync(database, write, RequestId.Of(http), async transaction =>
        {
            await using (var claim = new NpgsqlBatch(transaction.Connection))
            {
                claim.BatchCommands.Add(ObjectRemovals.Forget(write.Tenant, key));
                claim.BatchCommands.Add(FileRows.AddUsage(write.Tenant, content.Count, limit.MaxTotalBytes));
                await claim.ExecuteNonQueryAsync(http.RequestAborted);
                if (claim.BatchCommands[0].RecordsAffected == 0)
                {
                    return KnownProblems.Unavailable();
                }

                if (claim.BatchCommands[1].RecordsAffected == 0)
                {
                    return FileProblems.QuotaExceeded(limit.MaxTotalBytes);
                }
            }

            // The id is drawn behind the lock on the organization's usage: lists are in the order in which files appear.
            var file = new StoredFile(TypeId.New(clock), key, upload.Name, upload.ContentType, content.Count, content.Hash(), upload.Labels, Rfc3339.Now(clock));
            var document = file.ToJson();
            transaction.Add(FileRows.Insert(write.Tenant, file, upload.Actor));
            transaction.Publish(OutboxMessage.FromJson(EventTypes.FileCreated, Topics.Core, StoredFile.Source, write.Tenant, file.PublicId, document, clock));
            return JsonAnswer.Created(file.Location, document) with { EntityTag = file.EntityTag };
        }, http.RequestAborted);
    }

    private async Task TryHastenAsync(Guid key)
    {
        try
        {
            await removals.HastenAsync(key, CancellationToken.None);
        }
        catch (Exception e)
        {
            // It is due in any case, only later.
            LogHastenFailed(e);
        }
    }

    /// <param name="Grant">Of the link that it comes by; null where it comes with a key.</param>
    private sealed record Uploader(WriteRequest Write, Principal Principal, FileLimits Limits, UploadGrant? Grant);

    /// <param name="ContentType">As it came, with its parameters.</param>
    private sealed record Upload(WriteRequest Write, string Actor, UploadBody Body, string Name, string ContentType, byte[] Labels, ContentDigest Digest)
    {
        /// <summary>What makes two uploads the same.</summary>
        public byte[] Identity(byte[] sha256) => SHA256.HashData([.. sha256, .. Encoding.UTF8.GetBytes($"{Name}\0{ContentType}\0"), .. Labels]);
    }

    [LoggerMessage(4522, LogLevel.Error, "An upload could not be stored")]
    private partial void LogStoreFailed(Exception exception);

    [LoggerMessage(4523, LogLevel.Warning, "The object of an upload that came to nothing is removed later")]
    private partial void LogHastenFailed(Exception exception);
}
