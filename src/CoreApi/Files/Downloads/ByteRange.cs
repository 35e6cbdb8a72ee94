using Microsoft.Net.Http.Headers;

namespace Platform.CoreApi.Files.Downloads;

/// <summary>The part of a file that a request asks for (RFC 9110, 14).</summary>
/// <param name="IsPartial">True for 206; false for the whole file.</param>
internal readonly record struct ByteRange(long Offset, long Length, bool IsPartial)
{
    /// <summary>
    /// Null when the one range that is asked for lies outside the file. What is not a range, or more than one of them, is answered with the
    /// whole file, as is a range of an older content (<c>If-Range</c>).
    /// </summary>
    public static ByteRange? Of(HttpRequest request, StoredFile file)
    {
        var whole = new ByteRange(0, file.Size, IsPartial: false);
        var header = request.Headers.Range;
        if (header.Count != 1 || !RangeHeaderValue.TryParse(header.ToString(), out var asked)
            || !asked.Unit.Equals("bytes", StringComparison.OrdinalIgnoreCase) || asked.Ranges.Count != 1 || !IsOf(request, file))
        {
            return whole;
        }

        var range = asked.Ranges.First();
        var (from, to) = range.From is { } first ? (first, Math.Min(range.To ?? long.MaxValue, file.Size - 1)) : (Math.Max(file.Size - range.To!.Value, 0), file.Size - 1);
        return from >= file.Size || (range.From is null && range.To == 0) ? null : new ByteRange(from, to - from + 1, IsPartial: true);
    }

    private static bool IsOf(HttpRequest request, StoredFile file) =>
        request.Headers.IfRange.Count == 0 || request.Headers.IfRange == file.EntityTag;
}
