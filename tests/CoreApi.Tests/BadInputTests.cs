using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Platform.CoreApi.Tests;

/// <summary>Each kind of bad input gets its own precise problem document, and changes nothing.</summary>
public sealed class BadInputTests(CoreApiFixture fixture) : IClassFixture<CoreApiFixture>
{
    private const string Id = "res_01h455vb4pex5vsknk084sn02q";

    public static TheoryData<string, string, string, string?, int, string, string?> Cases() => new()
    {
        // name, method and path, header, body, status, code, faults as "pointer code"
        { "malformed", "POST /v1/resources", "", """{"type": """, 400, "malformed_json", null },
        { "trailing comma", "POST /v1/resources", "", """{"type":"a","data":{},}""", 400, "malformed_json", null },
        { "two documents", "POST /v1/resources", "", """{"type":"a","data":{}} {}""", 400, "malformed_json", null },
        { "duplicate field", "POST /v1/resources", "", """{"type":"a","type":"b","data":{}}""", 400, "malformed_json", null },
        { "empty body", "POST /v1/resources", "", "", 400, "malformed_json", null },
        { "not an object", "POST /v1/resources", "", "[]", 400, "validation_failed", " wrong_type" },
        { "unknown field", "POST /v1/resources", "", """{"type":"a","data":{},"colour":1}""", 400, "validation_failed", "/colour unknown_field" },
        { "wrong type", "POST /v1/resources", "", """{"type":7,"data":{}}""", 400, "validation_failed", "/type wrong_type" },
        { "everything at once", "POST /v1/resources", "", """{"type":"A!","data":[],"labels":{"a":1},"x/y":0}""", 400, "validation_failed",
            "/type invalid_format;/data wrong_type;/labels/a wrong_type;/x~1y unknown_field" },
        { "nothing given", "POST /v1/resources", "", "{}", 400, "validation_failed", "/type required;/data required" },
        { "NUL", "POST /v1/resources", "", """{"type":"a","data":{"s":"\u0000"}}""", 400, "validation_failed", "/data/s invalid_text" },
        { "lone surrogate", "POST /v1/resources", "", """{"type":"a","data":{"s":["\ud800"]}}""", 400, "validation_failed", "/data/s/0 invalid_text" },
        { "NUL in a name", "POST /v1/resources", "", """{"type":"a","data":{},"labels":{"\u0000":"x"}}""", 400, "validation_failed", "/labels invalid_text" },
        { "long type", "POST /v1/resources", "", "{\"type\":\"" + new string('a', 65) + "\",\"data\":{}}", 400, "validation_failed", "/type invalid_length" },
        { "2 MiB", "POST /v1/resources", "", "{\"type\":\"a\",\"data\":{\"s\":\"" + new string('x', 2 << 20) + "\"}}", 413, "body_too_large", null },
        { "depth 100", "POST /v1/resources", "", "{\"type\":\"a\",\"data\":" + string.Concat(Enumerable.Repeat("{\"a\":", 100)) + "1" + new string('}', 101), 400, "json_too_deep", null },
        { "no content type", "POST /v1/resources", "Content-Type: text/plain", """{"type":"a","data":{}}""", 415, "unsupported_media_type", null },
        { "empty key", "POST /v1/resources", "Idempotency-Key: ", """{"type":"a","data":{}}""", 400, "validation_failed", "Idempotency-Key invalid_idempotency_key" },
        { "long key", "POST /v1/resources", "Idempotency-Key: " + new string('k', 256), """{"type":"a","data":{}}""", 400, "validation_failed", "Idempotency-Key invalid_idempotency_key" },
        { "key with a tab", "POST /v1/resources", "Idempotency-Key: a\tb", """{"type":"a","data":{}}""", 400, "validation_failed", "Idempotency-Key invalid_idempotency_key" },
        { "bad If-Match", "PATCH /v1/resources/" + Id, "If-Match: 3", """{"data":{}}""", 400, "validation_failed", "If-Match invalid_etag" },
        { "bad cursor", "GET /v1/resources?cursor=!!", "", null, 400, "validation_failed", "cursor invalid_cursor" },
        { "foreign cursor", "GET /v1/resources?cursor=aGlzdG9yeQox", "", null, 400, "validation_failed", "cursor invalid_cursor" },
        { "limit 0", "GET /v1/resources?limit=0", "", null, 400, "validation_failed", "limit out_of_range" },
        { "limit 201", "GET /v1/resources?limit=201", "", null, 400, "validation_failed", "limit out_of_range" },
        { "bad label", "GET /v1/resources?label=:env", "", null, 400, "validation_failed", "label invalid_format" },
        { "many labels", "GET /v1/resources?" + string.Join('&', Enumerable.Repeat("label=a", 11)), "", null, 400, "validation_failed", "label too_many" },
        { "bad end", "GET /v1/resources?created_before=now&updated_after=1", "", null, 400, "validation_failed",
            "created_before wrong_type;updated_after wrong_type" },
        { "bad deleted", "GET /v1/resources?deleted=yes", "", null, 400, "validation_failed", "deleted invalid_value" },
        { "no operations", "POST /v1/resources:batch", "", "{}", 400, "validation_failed", "/operations required" },
        { "empty batch", "POST /v1/resources:batch", "", """{"operations":[]}""", 400, "validation_failed", "/operations out_of_range" },
        { "large batch", "POST /v1/resources:batch", "", "{\"operations\":[" + string.Join(',', Enumerable.Repeat("{}", 1001)) + "]}", 400, "validation_failed",
            "/operations out_of_range" },
        { "batch of nonsense", "POST /v1/resources:batch", "", """{"operations":{},"atomic":1,"x":2}""", 400, "validation_failed",
            "/operations wrong_type;/atomic wrong_type;/x unknown_field" },
        { "bad type name", "PUT /v1/resource-types/A", "", "{}", 400, "validation_failed", "type invalid_format" },
        { "bad schema", "PUT /v1/resource-types/a", "", """{"schema":{"type":"thing","minLength":-1,"properties":{"a/b":{"colour":1}}},"x":1}""", 400,
            "validation_failed", "/x unknown_field;/schema/type invalid_value;/schema/minLength wrong_type;/schema/properties/a~1b/colour unknown_keyword" },
        { "bad time", "GET /v1/resources?created_after=yesterday", "", null, 400, "validation_failed", "created_after wrong_type" },
        { "bad sort", "GET /v1/resources?sort=colour", "", null, 400, "validation_failed", "sort invalid_value" },
        { "bad fields", "GET /v1/resources?fields=id,secret", "", null, 400, "validation_failed", "fields unknown_field" },
        { "not an id", "GET /v1/resources/42", "", null, 404, "not_found", null },
        { "no such route", "GET /v1/nothing", "", null, 404, "route_not_found", null },
        { "wrong method", "PUT /v1/resources", "", "{}", 405, "method_not_allowed", null },
        { "no key", "GET /v1/resources", "Authorization: ", null, 401, "unauthenticated", null },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Bad_input_is_named_and_changes_nothing(
        string name, string request, string header, string? body, int status, string code, string? faults)
    {
        using var client = fixture.Service.Client();
        using var message = new HttpRequestMessage(new(request.Split(' ')[0]), request.Split(' ')[1]);
        if (body is not null)
        {
            message.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        if (header.Length > 0)
        {
            var (field, value) = (header.Split(": ")[0], header[(header.IndexOf(": ", StringComparison.Ordinal) + 2)..]);
            if (field == "Content-Type")
            {
                message.Content!.Headers.ContentType = new(value);
            }
            else
            {
                client.DefaultRequestHeaders.Remove(field);
                message.Headers.TryAddWithoutValidation(field, value);
            }
        }

        message.Headers.TryAddWithoutValidation("X-Request-Id", "req-" + name.Replace(' ', '-'));
        using var response = await client.SendAsync(message);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.ToString());
        var problem = (await response.DocumentAsync()).Json;
        Assert.Equal(code, problem.GetProperty("code").GetString());
        Assert.Equal("urn:platform:problem:" + code, problem.GetProperty("type").GetString());
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.NotEqual("", problem.GetProperty("title").GetString());
        Assert.NotEqual("", problem.GetProperty("detail").GetString());
        Assert.Equal("req-" + name.Replace(' ', '-'), problem.GetProperty("request_id").GetString());
        Assert.Equal(problem.GetProperty("request_id").GetString(), response.Headers.GetValues("X-Request-Id").Single());
        Assert.Equal(faults, problem.TryGetProperty("errors", out var errors)
            ? string.Join(';', errors.EnumerateArray().Select(e => $"{e.GetProperty("pointer")} {e.GetProperty("code")}"))
            : null);
        if (name != "no key")
        {
            Assert.Equal(0, JsonDocument.Parse(await client.GetStringAsync("/v1/resources")).RootElement.GetProperty("data").GetArrayLength());
        }
    }
}
