using System.Text;

namespace Platform.Benchmarks.Paths;

/// <summary>The requests of this benchmark as bytes, and the documents in them.</summary>
internal static class Requests
{
    public const string Data = """{"customer":"c-1001","total":129.95,"currency":"EUR","lines":[{"sku":"A1","qty":2},{"sku":"B2","qty":1}]}""";

    /// <summary>A resource as it is answered: what the floor writes and the bare endpoint returns.</summary>
    public const string Document = """{"id":"res_01h455vb4pex5vsknk084sn02q","type":"order","data":{"customer":"c-1001","total":129.95,"currency":"EUR","lines":[{"sku":"A1","qty":2},{"sku":"B2","qty":1}]},"labels":{},"version":1,"created_at":"2026-01-31T12:00:00.000000Z","updated_at":"2026-01-31T12:00:00.000000Z"}""";

    /// <summary>The envelope of its event.</summary>
    public const string Headers = """{"ce_specversion":"1.0","ce_id":"evt_01h455vb4pex5vsknk084sn02q","ce_type":"resource.created","ce_source":"/platform/core","ce_time":"2026-01-31T12:00:00.0000000+00:00","ce_subject":"res_01h455vb4pex5vsknk084sn02q","ce_tenantid":"org_01h455vb4pex5vsknk084sn02q","ce_partitionkey":"res_01h455vb4pex5vsknk084sn02q","content-type":"application/json"}""";

    private static readonly string Body = $$"""{"type":"order","data":{{Data}} }""";

    public static ReadOnlyMemory<byte> Create(string key, string idempotencyKey) => Encoding.ASCII.GetBytes(
        $"POST /v1/resources HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n"
        + $"Idempotency-Key: {idempotencyKey}\r\nContent-Length: {Body.Length}\r\n\r\n{Body}");

    public static ReadOnlyMemory<byte> Get(string key, string path) => Encoding.ASCII.GetBytes(
        $"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n\r\n");

    public static ReadOnlyMemory<byte> PostJson(string key, string path, string json) => Encoding.ASCII.GetBytes(
        $"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\nContent-Length: {json.Length}\r\n\r\n{json}");
}
