using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Platform.ServiceDefaults.Requests;

namespace Platform.CoreApi.Files.Links;

/// <summary>A link as the API shows it: <c>{url, expires_at}</c>.</summary>
internal static class LinkDocument
{
    public static byte[] Write(string url, DateTimeOffset expires)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("url", url);
            json.WriteString("expires_at", Rfc3339.Format(expires));
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
