using Platform.ServiceDefaults.Problems;

namespace Platform.CoreApi.Files;

/// <summary>The failures that only files have.</summary>
internal static class FileProblems
{
    public static Problem NotFound() => KnownProblems.NotFound("file");

    public static Problem MalformedMultipart(string detail) =>
        new(StatusCodes.Status400BadRequest, "malformed_multipart", "The body is not valid multipart/form-data", detail);

    public static Problem DigestMismatch(string header) =>
        new(StatusCodes.Status400BadRequest, "digest_mismatch", "The content is not what its digest says",
            $"The SHA-256 of what arrived differs from {header}. Nothing was stored.");

    public static Problem QuotaExceeded(long limit) =>
        new(StatusCodes.Status403Forbidden, "storage_quota_exceeded", "The organization's storage is full",
            $"All files together may have {limit} bytes. Delete some, or ask for more.");

    public static Problem TypeNotAllowed(string mediaType, string allowed) =>
        new(StatusCodes.Status415UnsupportedMediaType, "unsupported_media_type", "The media type is not supported",
            $"Files of type '{mediaType}' cannot be stored here; these can: {allowed}.");

    public static Problem EncodingNotSupported() =>
        new(StatusCodes.Status415UnsupportedMediaType, "unsupported_content_encoding", "The content encoding is not supported",
            "Files are stored as they come: send them without Content-Encoding.");

    public static Problem LinkInvalid() =>
        new(StatusCodes.Status403Forbidden, "link_invalid", "The link is not valid", "The link has expired or was changed.");

    public static Problem VersionMismatch() =>
        new(StatusCodes.Status412PreconditionFailed, "version_mismatch", "The version does not match", "The file is another one than If-Match says.");

    public static Problem RangeNotSatisfiable(long size) =>
        new(StatusCodes.Status416RangeNotSatisfiable, "range_not_satisfiable", "The range is outside the file", $"The file has {size} bytes.");
}
