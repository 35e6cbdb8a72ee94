using System.Text;

namespace Platform.CoreApi.Files.Downloads;

/// <summary>How a file's content is sent: never as a page of ours. Whoever uploaded it chose its bytes and its type.</summary>
internal static class FileHeaders
{
    public const string Attachment = "attachment";
    public const string Inline = "inline";

    public static void Write(HttpResponse response, StoredFile file, string disposition)
    {
        response.ContentType = file.ContentType;
        var headers = response.Headers;
        headers.ETag = file.EntityTag;
        headers.AcceptRanges = "bytes";
        headers.CacheControl = "private, no-cache";
        headers.ContentDisposition = Disposition(disposition, file.Name);
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
    }

    /// <summary>RFC 6266: a name in ASCII for everybody, and in UTF-8 (RFC 8187) where that loses something.</summary>
    public static string Disposition(string disposition, string name)
    {
        var ascii = new StringBuilder(name.Length);
        foreach (var c in name)
        {
            ascii.Append(c is >= ' ' and <= '~' and not ('"' or '\\' or '%') ? c : '_');
        }

        var plain = ascii.ToString();
        return plain == name
            ? $"{disposition}; filename=\"{plain}\""
            : $"{disposition}; filename=\"{plain}\"; filename*=UTF-8''{Encode(name)}";
    }

    private static string Encode(string name)
    {
        var text = new StringBuilder(name.Length * 3);
        foreach (var b in Encoding.UTF8.GetBytes(name))
        {
            if (char.IsAsciiLetterOrDigit((char)b) || "!#$&+-.^_`|~".Contains((char)b, StringComparison.Ordinal))
            {
                text.Append((char)b);
            }
            else
            {
                text.Append('%').Append(b.ToString("X2"));
            }
        }

        return text.ToString();
    }
}
