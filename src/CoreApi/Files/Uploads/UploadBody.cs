using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Platform.ServiceDefaults.Problems;

namespace Platform.CoreApi.Files.Uploads;

/// <summary>A request's body as the one file in it, not yet read: the body itself, or the one part of a multipart/form-data.</summary>
internal sealed class UploadBody : IDisposable
{
    private const int MaxBoundary = 70;
    private const int MaxPartHeaders = 16;
    private const int MaxPartHeaderBytes = 16 * 1024;
    private readonly MeasuredStream _whole;
    private readonly MultipartReader? _parts;

    private UploadBody(MeasuredStream whole, MeasuredStream file, MultipartReader? parts, string? name, string? contentType)
    {
        _whole = whole;
        File = file;
        _parts = parts;
        Name = name;
        ContentType = contentType;
    }

    /// <summary>Bytes that a multipart body may have beside its file.</summary>
    public const int Overhead = 64 * 1024;

    /// <summary>The file's content.</summary>
    public MeasuredStream File { get; }

    /// <summary>As the body's headers say; null where they do not.</summary>
    public string? Name { get; }

    public string? ContentType { get; }

    /// <summary>SHA-256 of the whole body, once it is read.</summary>
    public byte[] HashOfBody() => _whole.Hash();

    /// <summary>Reads to where the file begins.</summary>
    /// <param name="limit">Bytes that the file may have.</param>
    /// <exception cref="UploadRefusedException">There is no file in it.</exception>
    public static async Task<UploadBody> OpenAsync(HttpContext http, long limit)
    {
        var given = http.Request.ContentType;
        if (!MediaTypeHeaderValue.TryParse(given, out var type) || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
        {
            var body = new MeasuredStream(http.Request.Body, limit);
            return new(body, body, null, NameIn(http.Request.Headers.ContentDisposition), given);
        }

        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).Value;
        if (string.IsNullOrEmpty(boundary) || boundary.Length > MaxBoundary)
        {
            throw Malformed($"The boundary must have 1 to {MaxBoundary} characters.");
        }

        var whole = new MeasuredStream(http.Request.Body, limit + Overhead);
        var parts = new MultipartReader(boundary, whole) { HeadersCountLimit = MaxPartHeaders, HeadersLengthLimit = MaxPartHeaderBytes };
        var part = await NextAsync(parts, http.RequestAborted) ?? throw Refused("", "required", "The body holds no file: send one part with a filename.");
        if (!ContentDispositionHeaderValue.TryParse(part.ContentDisposition, out var disposition) || !disposition.IsFileDisposition())
        {
            throw Refused("/" + (disposition is null ? "" : HeaderUtilities.RemoveQuotes(disposition.Name).Value), "unknown_field",
                "The body may hold one file and nothing else: a part without a filename is none. Labels are given as ?label=name:value.");
        }

        return new(whole, new MeasuredStream(part.Body, limit), parts, NameIn(part.ContentDisposition), part.ContentType);
    }

    /// <summary>After the file was read: nothing may follow.</summary>
    /// <exception cref="UploadRefusedException">Something does.</exception>
    public async Task EndAsync(CancellationToken cancellationToken)
    {
        if (_parts is not null && await NextAsync(_parts, cancellationToken) is not null)
        {
            throw Refused("", "too_many", "The body holds more than one file.");
        }

        // What may follow the last boundary is ignored, but belongs to the body that a digest is about.
        var rest = new byte[4096];
        while (await _whole.ReadAsync(rest, cancellationToken) > 0)
        {
        }
    }

    public void Dispose()
    {
        File.Dispose();
        _whole.Dispose();
    }

    /// <summary>Faults of the framing, told apart from a connection that broke.</summary>
    public static Problem? Describe(Exception e, CancellationToken aborted) => e switch
    {
        UploadRefusedException refused => refused.Problem,
        InvalidDataException bad => FileProblems.MalformedMultipart(bad.Message),
        BadHttpRequestException => null,
        IOException bad when !aborted.IsCancellationRequested && bad.InnerException is null => FileProblems.MalformedMultipart(bad.Message),
        _ => null,
    };

    private static async Task<MultipartSection?> NextAsync(MultipartReader parts, CancellationToken cancellationToken) =>
        await parts.ReadNextSectionAsync(cancellationToken);

    private static string? NameIn(string? header) =>
        ContentDispositionHeaderValue.TryParse(header, out var disposition)
            ? (disposition.FileNameStar.HasValue ? disposition.FileNameStar : HeaderUtilities.RemoveQuotes(disposition.FileName)).Value
            : null;

    private static UploadRefusedException Malformed(string detail) => new(FileProblems.MalformedMultipart(detail));

    private static UploadRefusedException Refused(string pointer, string code, string detail) => new(KnownProblems.Validation(pointer, code, detail));
}
