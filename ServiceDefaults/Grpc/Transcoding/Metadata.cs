using Microsoft.AspNetCore.Http;

namespace Platform.ServiceDefaults.Grpc.Transcoding;

/// <summary>Headers of REST as metadata: all but those that speak of the JSON body or of HTTP itself.</summary>
internal static class Metadata
{
    private static readonly HashSet<string> Kept = new(StringComparer.OrdinalIgnoreCase)
    {
        "Content-Type", "Content-Length", "Content-Encoding", "Transfer-Encoding", "Connection", "Date", "Server", "WWW-Authenticate", "Vary", "Cache-Control",
        "X-Accel-Buffering",
    };

    public static void Pass(IHeaderDictionary from, HttpResponse to)
    {
        foreach (var (name, value) in from)
        {
            if (!Kept.Contains(name))
            {
                to.Headers[name] = value;
            }
        }
    }
}
