using System.Buffers;
using Platform.CoreApi.Files.Objects;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.CoreApi.Files.Downloads;

/// <summary>Sends a file's content: the whole, a range, only the headers, or that nothing has changed.</summary>
internal sealed partial class FileContent(CoreDatabase database, IObjectStore store, FilesMetrics metrics, ILogger<FileContent> logger)
{
    private const int BufferSize = 128 * 1024;

    /// <param name="tenant">Whose file it is.</param>
    /// <param name="id">The file.</param>
    /// <param name="disposition"><c>attachment</c> or <c>inline</c>.</param>
    public async Task<IResult> AnswerAsync(HttpContext http, Guid tenant, Guid id, string disposition)
    {
        if (await FileRows.FindAsync(database, tenant, id, http.RequestAborted) is not { } file)
        {
            return FileProblems.NotFound();
        }

        if (!FileTags.MatchHolds(http, file))
        {
            return FileProblems.VersionMismatch();
        }

        if (FileTags.NoneMatchHolds(http, file))
        {
            return new JsonAnswer(StatusCodes.Status304NotModified, ReadOnlyMemory<byte>.Empty) { EntityTag = file.EntityTag };
        }

        if (ByteRange.Of(http.Request, file) is not { } range)
        {
            http.Response.Headers.ContentRange = $"bytes */{file.Size}";
            return FileProblems.RangeNotSatisfiable(file.Size);
        }

        if (HttpMethods.IsHead(http.Request.Method) || range.Length == 0)
        {
            WriteHeaders(http.Response, file, range, disposition);
            return Results.Empty;
        }

        var (content, problem) = await OpenAsync(tenant, file, range, http.RequestAborted);
        if (content is null)
        {
            return problem!;
        }

        await using (content)
        {
            WriteHeaders(http.Response, file, range, disposition);
            await CopyAsync(content, http.Response, range.Length, http.RequestAborted);
            return Results.Empty;
        }
    }

    private async Task<(Stream? Content, Problem? Problem)> OpenAsync(Guid tenant, StoredFile file, ByteRange range, CancellationToken cancellationToken)
    {
        try
        {
            if (await store.OpenAsync(file.ObjectKey, range.Offset, range.Length, cancellationToken) is { } content)
            {
                return (content, null);
            }
        }
        catch (ObjectStoreException e)
        {
            LogReadFailed(file.PublicId, e);
            return (null, KnownProblems.Unavailable());
        }

        // Deleted a moment ago, or the store has lost it.
        if (await FileRows.FindAsync(database, tenant, file.Id, cancellationToken) is null)
        {
            return (null, FileProblems.NotFound());
        }

        LogLost(file.PublicId, file.ObjectKey, store.Name);
        return (null, KnownProblems.Internal());
    }

    private static void WriteHeaders(HttpResponse response, StoredFile file, ByteRange range, string disposition)
    {
        FileHeaders.Write(response, file, disposition);
        response.ContentLength = range.Length;
        if (range.IsPartial)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = $"bytes {range.Offset}-{range.Offset + range.Length - 1}/{file.Size}";
        }
    }

    private async Task CopyAsync(Stream content, HttpResponse response, long length, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            while (length > 0)
            {
                var read = await content.ReadAsync(buffer.AsMemory(0, (int)Math.Min(length, BufferSize)), cancellationToken);
                if (read == 0)
                {
                    throw new IOException("The object is shorter than its file says.");
                }

                await response.Body.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                metrics.Downloaded(read);
                length -= read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    [LoggerMessage(4531, LogLevel.Error, "The content of {File} could not be read")]
    private partial void LogReadFailed(string file, Exception exception);

    [LoggerMessage(4532, LogLevel.Critical, "The content of {File}, object {Key:N}, is not in the store {Store}")]
    private partial void LogLost(string file, Guid key, string store);
}
