namespace Platform.Notifications.Tests;

/// <summary>Each kind of bad input gets its own precise problem document, and changes nothing.</summary>
public sealed class BadInputTests(NotificationsFixture fixture) : IClassFixture<NotificationsFixture>
{
    private const string Id = "01h455vb4pex5vsknk084sn02q";

    public static TheoryData<string, string?, int, string, string?> Cases() => new()
    {
        // method and path, body, status, code, faults as "pointer code"
        { "POST /v1/webhook-endpoints", """{"url": """, 400, "malformed_json", null },
        { "POST /v1/webhook-endpoints", "{}", 400, "validation_failed", "/url required" },
        { "POST /v1/webhook-endpoints", """{"url":7}""", 400, "validation_failed", "/url wrong_type" },
        { "POST /v1/webhook-endpoints", """{"url":"/hook"}""", 400, "validation_failed", "/url invalid_url" },
        { "POST /v1/webhook-endpoints", """{"url":"example.com/hook"}""", 400, "validation_failed", "/url invalid_url" },
        { "POST /v1/webhook-endpoints", """{"url":"ftp://example.com"}""", 400, "validation_failed", "/url invalid_url" },
        { "POST /v1/webhook-endpoints", """{"url":"file:///etc/passwd"}""", 400, "validation_failed", "/url invalid_url" },
        { "POST /v1/webhook-endpoints", """{"url":"https://"}""", 400, "validation_failed", "/url invalid_url" },
        { "POST /v1/webhook-endpoints", """{"url":"https://user:pw@example.com"}""", 400, "validation_failed", "/url invalid_url" },
        { "POST /v1/webhook-endpoints", """{"url":"https://user@example.com"}""", 400, "validation_failed", "/url invalid_url" },
        { "POST /v1/webhook-endpoints", """{"url":"https://example.com/#x"}""", 400, "validation_failed", "/url invalid_url" },
        { "POST /v1/webhook-endpoints", """{"url":"https://example.com/#"}""", 400, "validation_failed", "/url invalid_url" },
        { "POST /v1/webhook-endpoints", """{"url":"https://exa mple.com/"}""", 400, "validation_failed", "/url invalid_url" },
        { "POST /v1/webhook-endpoints", """{"url":"https://example.com/\r\nx: y"}""", 400, "validation_failed", "/url invalid_url" },
        { "POST /v1/webhook-endpoints", """{"url":"https://example.com:99999/"}""", 400, "validation_failed", "/url invalid_url" },
        { "POST /v1/webhook-endpoints", "{\"url\":\"https://example.com/" + new string('x', 2048) + "\"}", 400, "validation_failed", "/url invalid_length" },
        { "POST /v1/webhook-endpoints", """{"url":"https://e.com","event_types":"resource.*"}""", 400, "validation_failed", "/event_types wrong_type" },
        { "POST /v1/webhook-endpoints", """{"url":"https://e.com","event_types":[1]}""", 400, "validation_failed", "/event_types/0 wrong_type" },
        { "POST /v1/webhook-endpoints", """{"url":"https://e.com","event_types":["*.created"]}""", 400, "validation_failed", "/event_types invalid_format" },
        { "POST /v1/webhook-endpoints", """{"url":"https://e.com","labels":{"a":{}}}""", 400, "validation_failed", "/labels/a wrong_type" },
        { "POST /v1/webhook-endpoints", """{"url":"https://e.com","rate_limit":0}""", 400, "validation_failed", "/rate_limit out_of_range" },
        { "POST /v1/webhook-endpoints", """{"url":"https://e.com","rate_limit":1.5}""", 400, "validation_failed", "/rate_limit wrong_type" },
        { "POST /v1/webhook-endpoints", """{"url":"https://e.com","disabled":"yes"}""", 400, "validation_failed", "/disabled wrong_type" },
        { "POST /v1/webhook-endpoints", """{"url":"https://e.com","headers":{"Webhook-Id":"x"}}""", 400, "validation_failed", "/headers invalid_header" },
        { "POST /v1/webhook-endpoints", """{"url":"https://e.com","headers":{"content-length":"0"}}""", 400, "validation_failed", "/headers invalid_header" },
        { "POST /v1/webhook-endpoints", """{"url":"https://e.com","headers":{"X":"a\r\nY: b"}}""", 400, "validation_failed", "/headers invalid_header" },
        { "POST /v1/webhook-endpoints", """{"url":"https://e.com","headers":{"X Y":"a"}}""", 400, "validation_failed", "/headers invalid_header" },
        { "POST /v1/webhook-endpoints", """{"url":"https://e.com","headers":{"X":"a","x":"b"}}""", 400, "validation_failed", "/headers invalid_header" },
        { "POST /v1/webhook-endpoints", """{"url":"https://e.com","secret":"whsec_x"}""", 400, "validation_failed", "/secret unknown_field" },
        { "POST /v1/webhook-endpoints", """{"url":"https://e.com","filter":"x"}""", 400, "validation_failed", "/filter wrong_type" },
        { "POST /v1/webhook-endpoints", """{"url":"https://e.com","filter":{}}""", 400, "validation_failed", "/filter invalid_condition" },
        { "POST /v1/webhook-endpoints", """{"url":"https://e.com","filter":{"and":[]}}""", 400, "validation_failed", "/filter/and invalid_condition" },
        { "POST /v1/webhook-endpoints", """{"url":"https://e.com","filter":{"and":[{"not":{"or":[7]}}]}}""", 400, "validation_failed", "/filter/and/0/not/or/0 wrong_type" },
        { "POST /v1/webhook-endpoints", """{"url":"https://e.com","filter":{"ref":"data.a","op":"like","value":1}}""", 400, "validation_failed", "/filter/op invalid_value" },
        { "POST /v1/webhook-endpoints", """{"url":"https://e.com","filter":{"ref":7,"op":{},"value":1}}""", 400, "validation_failed", "/filter/ref invalid_reference;/filter/op invalid_value" },
        { "POST /v1/webhook-endpoints", """{"url":"https://e.com","filter":{"ref":"steps.a","op":"eq","value":1}}""", 400, "validation_failed", "/filter/ref invalid_reference" },
        { "POST /v1/webhook-endpoints", """{"url":"https://e.com","filter":{"ref":"data..a","op":"eq","value":1}}""", 400, "validation_failed", "/filter/ref invalid_reference" },
        { "POST /v1/webhook-endpoints", """{"url":"https://e.com","filter":{"ref":"data.a","op":"eq"}}""", 400, "validation_failed", "/filter/value required" },
        { "POST /v1/webhook-endpoints", """{"url":"https://e.com","filter":{"ref":"data.a","op":"exists","value":1}}""", 400, "validation_failed", "/filter/value invalid_condition" },
        { "POST /v1/webhook-endpoints", """{"url":"https://e.com","filter":{"ref":"data.a","op":"gt","value":[]}}""", 400, "validation_failed", "/filter/value wrong_type" },
        { "POST /v1/webhook-endpoints", "{\"url\":\"https://e.com\",\"filter\":" + string.Concat(Enumerable.Repeat("{\"not\":", 9)) + "1" + new string('}', 9) + "}", 400, "validation_failed", "/filter/not/not/not/not/not/not/not/not too_deep" },
        { "POST /v1/webhook-endpoints", "{\"url\":\"https://e.com\",\"filter\":{\"ref\":\"data.a\",\"op\":\"eq\",\"value\":\"" + new string('x', 9000) + "\"}}", 400, "validation_failed", "/filter invalid_length" },
        { "POST /v1/webhook-endpoints", """{"url":"https://e.com","timeout":0}""", 400, "validation_failed", "/timeout out_of_range" },
        { "POST /v1/webhook-endpoints", """{"url":"https://e.com","timeout":31}""", 400, "validation_failed", "/timeout out_of_range" },
        { "POST /v1/webhook-endpoints", """{"url":"https://e.com","timeout":"5s"}""", 400, "validation_failed", "/timeout wrong_type" },
        { "POST /v1/webhook-endpoints", """{"url":"https://e.com","ordering":"fifo"}""", 400, "validation_failed", "/ordering invalid_value" },
        { "POST /v1/webhook-endpoints", """{"url":"https://e.com","payload":"tiny"}""", 400, "validation_failed", "/payload invalid_value" },
        { "POST /v1/webhook-endpoints", """{"url":"https://e.com","signature":"v2"}""", 400, "validation_failed", "/signature invalid_value" },
        { "POST /v1/webhook-endpoints", """{"url":"https://e.com","health":{}}""", 400, "validation_failed", "/health unknown_field" },
        { "POST /v1/webhook-endpoints/whe_" + Id + ":rotate-secret", """{"secrets":"whsec_x"}""", 400, "validation_failed", "/secrets unknown_field" },
        { "GET /v1/webhook-endpoints?cursor=!!", null, 400, "validation_failed", "cursor invalid_cursor" },
        { "GET /v1/webhook-endpoints?limit=0", null, 400, "validation_failed", "limit out_of_range" },
        { "GET /v1/webhook-endpoints?fields=secret", null, 400, "validation_failed", "fields unknown_field" },
        { "GET /v1/webhook-endpoints/42", null, 404, "not_found", null },
        { "GET /v1/webhook-endpoints/res_" + Id, null, 404, "not_found", null },
        { "GET /v1/webhook-endpoints/whe_" + Id + "/deliveries?state=lost", null, 400, "validation_failed", "state invalid_value" },
        { "GET /v1/webhook-endpoints/whe_" + Id + "/deliveries?cursor=aGlzdG9yeQox", null, 400, "validation_failed", "cursor invalid_cursor" },
        { "GET /v1/webhook-endpoints/whe_" + Id + "/deliveries", null, 404, "not_found", null },
        { "POST /v1/webhook-endpoints/whe_" + Id + ":test", null, 404, "not_found", null },
        { "POST /v1/webhook-endpoints/whe_" + Id + ":enable", null, 404, "not_found", null },
        { "POST /v1/webhook-endpoints/nothing:rotate-secret", null, 404, "not_found", null },
        { "GET /v1/deliveries/dlv_" + Id, null, 404, "not_found", null },
        { "GET /v1/deliveries/x", null, 404, "not_found", null },
        { "POST /v1/deliveries/dlv_" + Id + ":redeliver", null, 404, "not_found", null },
        { "GET /v1/events/evt_" + Id + "/deliveries", null, 404, "not_found", null },
        { "GET /v1/events/x/deliveries", null, 404, "not_found", null },
        { "PUT /v1/webhook-endpoints", "{}", 405, "method_not_allowed", null },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Bad_input_is_named_and_changes_nothing(string request, string? body, int status, string code, string? faults)
    {
        using var client = fixture.Service.Client();
        using var response = await client.SendJsonAsync(new(request.Split(' ')[0]), request[(request.IndexOf(' ', StringComparison.Ordinal) + 1)..], body);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.ToString());
        var problem = await response.DocumentAsync();
        Assert.Equal(code, problem["code"].GetString());
        Assert.Equal(faults, problem.Json.TryGetProperty("errors", out var errors)
            ? string.Join(';', errors.EnumerateArray().Select(e => $"{e.GetProperty("pointer")} {e.GetProperty("code")}"))
            : null);
        Assert.Equal(0, (await client.GetDocumentAsync("/v1/webhook-endpoints"))["data"].GetArrayLength());
    }
}
