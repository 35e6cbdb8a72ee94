using System.Globalization;
using System.Text;
using System.Text.Json;
using Platform.Testing;

namespace Platform.EndToEnd;

/// <summary>Imports, exports and reports: jobs that work with the other services, in the real process.</summary>
public sealed class ImportTests(ImportTests.Fixture fixture) : IClassFixture<ImportTests.Fixture>
{
    [Fact]
    public async Task A_kill_in_the_middle_of_an_import_costs_no_row_and_writes_none_twice()
    {
        const int rows = 20_000;
        using var folder = new TemporaryFolder();
        var database = await TestPostgres.CreateDatabaseAsync();
        (string, string)[] settings = [("ConnectionStrings__platform", database.ConnectionString), ("Work__processing__Lease", "00:00:03"), ("Work__processing__Heartbeat", "00:00:01")];
        var port = PlatformProcess.FreePort();
        await using var first = PlatformProcess.StartStandalone(folder.Path + "/data", port, settings);
        await first.ReadyAsync();
        var key = (await File.ReadAllTextAsync(folder.Path + "/data/api-key")).Trim();
        using var client = first.Client(key);
        var file = await client.UploadAsync("n,text\n" + string.Concat(Enumerable.Range(0, rows).Select(i => $"{i},\"row\n{i}\"\n")), "text/csv");
        var job = await client.StartAsync("resources.import", $$"""{"file_id":"{{file}}","format":"csv","type":"row"}""");
        await Eventually.IsTrueAsync(async () => await database.ScalarAsync<long>("SELECT count(*) FROM core.resource") is >= 3000, "it is on its way", TimeSpan.FromSeconds(60));
        await first.KillAsync();
        var written = await database.ScalarAsync<long>("SELECT count(*) FROM core.resource");
        Assert.InRange(written, 3000, rows - 1000);

        await using var second = PlatformProcess.StartStandalone(folder.Path + "/data", port, settings);
        await second.ReadyAsync();
        using var again = second.Client(key);
        var done = await again.EndsAsync(job, "succeeded");
        var result = done["result"];
        Assert.Equal((rows, rows, 0), (result.GetProperty("rows").GetInt32(), result.GetProperty("written").GetInt32(), result.GetProperty("failed").GetInt32()));
        Assert.Equal(2, done["attempt"].GetInt32());
        Assert.Equal(rows, await database.ScalarAsync<long>("SELECT count(*) FROM core.resource"));
        Assert.Equal(rows, await database.ScalarAsync<long>("SELECT count(DISTINCT data->>'n') FROM core.resource"));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM processing.job_progress"));
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(folder.Path + "/data/service-secret") == (UnixFileMode.UserRead | UnixFileMode.UserWrite), "only its owner may read the secret");
    }

    [Fact]
    public async Task Bad_rows_are_left_out_and_told_by_line_and_the_rest_is_there()
    {
        using var client = fixture.Client();
        using (var schema = await client.SendJsonAsync(HttpMethod.Put, "/v1/resource-types/part",
            """{"schema":{"type":"object","properties":{"price":{"type":"number","minimum":0}},"required":["price"]}}""")) { Assert.True(schema.IsSuccessStatusCode); }

        var file = await client.UploadAsync("\uFEFFname,price,land\r\nbolt,1.5,de\r\n\r\nnut,-1,de\r\n\"two\r\nlines\",2,fr\r\nbroken\"quote,3,de\r\nlast,x,de\r\nshort\r\nend,4,us", "text/csv");
        var mapping = """{"name":"data.name","price":"data.price:number","land":"labels.land"}""";
        var job = await client.StartAsync("resources.import", $$"""{"file_id":"{{file}}","format":"csv","type":"part","mapping":{{mapping}}}""");
        var result = (await client.EndsAsync(job, "succeeded"))["result"];
        Assert.Equal((7, 3, 4), (result.GetProperty("rows").GetInt32(), result.GetProperty("written").GetInt32(), result.GetProperty("failed").GetInt32()));
        Assert.Equal(
            ["4 validation_failed", "7 stray_quote", "8 invalid_value", "9 wrong_number_of_fields"],
            result.GetProperty("errors").EnumerateArray().Select(e => $"{e.GetProperty("line").GetInt32()} {e.GetProperty("code").GetString()}"));
        Assert.Equal("/data/price", result.GetProperty("errors")[0].GetProperty("errors")[0].GetProperty("pointer").GetString());
        var lines = (await client.GetStringAsync("/v1/files/" + result.GetProperty("errors_file").GetString())).TrimEnd('\n').Split('\n');
        Assert.Equal(4, lines.Length);
        var parts = (await client.GetDocumentAsync("/v1/resources?type=part&label=land:fr"))["data"];
        Assert.Equal("two\r\nlines", Assert.Single(parts.EnumerateArray()).GetProperty("data").GetProperty("name").GetString());

        // The history says whose job it was.
        var history = (await client.GetDocumentAsync($"/v1/resources/{parts[0].GetProperty("id").GetString()}/history"))["data"];
        Assert.StartsWith("key_", history[0].GetProperty("updated_by").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(22, "succeeded")]
    [InlineData(24, "dead")]
    public async Task A_chunk_without_an_answer_is_sent_again_only_while_it_would_be_known(int hours, string state)
    {
        using var client = fixture.Client();
        var file = await client.UploadAsync("n;m\n1;a\n2;b\n", "text/csv");
        using var submitted = await client.SendJsonAsync(HttpMethod.Post, "/v1/jobs",
            $$"""{"type":"resources.import","run_at":"2099-01-01T00:00:00Z","payload":{"file_id":"{{file}}","format":"csv","delimiter":";","type":"late{{hours}}"} }""");
        var job = (await submitted.DocumentAsync()).Id;

        // As an attempt leaves it that was killed while it waited for the answer.
        await fixture.Database.ExecuteAsync($$"""
            INSERT INTO processing.job_progress (tenant_id, id, checkpoint)
            SELECT tenant_id, id, json_build_object('offset', 4, 'line', 2, 'rows', 0, 'written', 0, 'failed', 0, 'refused', 0, 'sent_at', now() - interval '{{hours}} hours')
            FROM processing.job WHERE payload->>'type' = 'late{{hours}}'
            """);
        using (var now = await client.SendJsonAsync(HttpMethod.Post, $"/v1/jobs/{job}:retry", null)) { Assert.True(now.IsSuccessStatusCode); }

        var ended = await client.EndsAsync(job, state);
        Assert.Equal(state == "dead", ended["error"].GetString()?.Contains("(import_uncertain)", StringComparison.Ordinal) ?? false);
        Assert.Equal(state == "dead" ? 0 : 2, (await client.GetDocumentAsync($"/v1/resources?type=late{hours}"))["data"].GetArrayLength());
    }

    [Fact]
    public async Task An_import_that_stops_writes_nothing_from_the_chunk_of_the_bad_row_on_and_goes_on_when_the_reason_is_gone()
    {
        using var client = fixture.Client();
        async Task DefineAsync(int maximum)
        {
            using var saved = await client.SendJsonAsync(HttpMethod.Put, "/v1/resource-types/measure", """{"schema":{"type":"object","properties":{"n":{"maximum":""" + maximum + "}}}}");
            Assert.True(saved.IsSuccessStatusCode);
        }

        await DefineAsync(1500);
        var file = await client.UploadAsync(string.Concat(Enumerable.Range(1, 1800).Select(i => $$"""{"n":{{i}}}""" + "\n")), "application/x-ndjson");
        var job = await client.StartAsync("resources.import", $$"""{"file_id":"{{file}}","format":"ndjson","type":"measure","on_error":"stop"}""");
        var dead = await client.EndsAsync(job, "dead");
        Assert.Contains("Line 1501:", dead["error"].GetString(), StringComparison.Ordinal);
        Assert.Contains("1000 rows were written, nothing from line 1001 on", dead["error"].GetString(), StringComparison.Ordinal);
        Assert.Equal(1, dead["attempt"].GetInt32());
        Assert.Equal(1000, (await client.GetDocumentAsync("/v1/resource-types/measure"))["count"].GetInt32());

        await DefineAsync(1800);
        await Eventually.IsTrueAsync(async () =>
        {
            using var probe = await client.SendJsonAsync(HttpMethod.Post, "/v1/resources", """{"type":"measure","data":{"n":1800}}""");
            return probe.IsSuccessStatusCode;
        }, "the schema holds");
        using (var retried = await client.SendJsonAsync(HttpMethod.Post, $"/v1/jobs/{job}:retry")) { Assert.True(retried.IsSuccessStatusCode); }

        Assert.Equal(1800, (await client.EndsAsync(job, "succeeded"))["result"].GetProperty("written").GetInt32());
        Assert.Equal(1801, (await client.GetDocumentAsync("/v1/resource-types/measure"))["count"].GetInt32());
    }

    [Theory]
    [InlineData("file_01jk2m3n4p5q6r7s8t9v0w1x2y", "csv", "There is no such file")]
    [InlineData("", "csv", "The file is empty")]
    [InlineData("\"a", "csv", "unclosed_quote")]
    [InlineData("a,a\n", "csv", "each once")]
    public async Task What_cannot_be_imported_is_dead_at_once_with_its_reason(string content, string format, string reason)
    {
        using var client = fixture.Client();
        var file = content.StartsWith("file_", StringComparison.Ordinal) ? content : await client.UploadAsync(content, "text/csv");
        var job = await client.StartAsync("resources.import", $$"""{"file_id":"{{file}}","format":"{{format}}","type":"x"}""");
        var dead = await client.EndsAsync(job, "dead");
        Assert.Equal(1, dead["attempt"].GetInt32());
        Assert.Contains(reason, dead["error"].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_exported_can_be_imported_again()
    {
        using var client = fixture.Client();
        var source = string.Concat(Enumerable.Range(0, 450).Select(i => JsonSerializer.Serialize(new { data = new { n = i, text = "a \"quote\",\nä" }, labels = new { parity = (i % 2).ToString(CultureInfo.InvariantCulture) } }) + "\n"));
        var import = """,'format':'ndjson','type':'thing','mapping':{'data':'data','labels':'labels'}}""".Replace('\'', '"');
        await client.EndsAsync(await client.StartAsync("resources.import", $$"""{"file_id":"{{await client.UploadAsync(source, "application/x-ndjson")}}"{{import}}"""), "succeeded");

        var exported = (await client.EndsAsync(await client.StartAsync("resources.export", """{"format":"ndjson","type":"thing"}"""), "succeeded"))["result"];
        Assert.Equal(450, exported.GetProperty("rows").GetInt32());
        var file = exported.GetProperty("files")[0].GetProperty("file_id").GetString();
        var lines = (await client.GetStringAsync("/v1/files/" + file)).TrimEnd('\n').Split('\n').Select(l => JsonDocument.Parse(l).RootElement).ToArray();
        Assert.Equal(Enumerable.Range(0, 450), lines.Select(l => l.GetProperty("data").GetProperty("n").GetInt32()));
        var copied = (await client.EndsAsync(await client.StartAsync("resources.import", $$"""{"file_id":"{{file}}"{{import.Replace("thing", "copy", StringComparison.Ordinal)}}"""), "succeeded"))["result"];
        Assert.Equal(450, copied.GetProperty("written").GetInt32());

        var csv = (await client.EndsAsync(await client.StartAsync("resources.export",
            """{"format":"csv","type":"copy","labels":{"parity":"1"},"fields":["data.n","data.text","labels.parity","data"]}"""), "succeeded"))["result"];
        Assert.Equal(225, csv.GetProperty("rows").GetInt32());
        var text = await client.GetStringAsync("/v1/files/" + csv.GetProperty("files")[0].GetProperty("file_id").GetString());
        Assert.StartsWith("data.n,data.text,labels.parity,data\r\n1,\"a \"\"quote\"\",\nä\",1,\"{\"\"n\"\":1", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_report_says_what_the_usage_is()
    {
        using var client = fixture.Client();
        var (from, to) = ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z");
        var inline = await client.EndsAsync(await client.StartAsync("usage.report", $$"""{"from":"{{from}}","to":"{{to}}","interval":"day"}"""), "succeeded");
        Assert.Equal("day", inline["result"].GetProperty("interval").GetString());
        var stored = await client.EndsAsync(await client.StartAsync("usage.report", $$"""{"from":"{{from}}","to":"{{to}}","output":"file"}"""), "succeeded");
        Assert.Contains("\"interval\":\"hour\"", await client.GetStringAsync("/v1/files/" + stored["result"].GetProperty("file_id").GetString()), StringComparison.Ordinal);
        var refused = await client.EndsAsync(await client.StartAsync("usage.report", """{"from":"2020-01-01T00:00:00Z","to":"2026-01-01T00:00:00Z","interval":"minute"}"""), "dead");
        Assert.Contains("24 hours", refused["error"].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_that_was_accepted_goes_on_although_its_key_is_revoked()
    {
        using var owner = fixture.Client();
        using var made = await owner.SendJsonAsync(HttpMethod.Post, "/v1/api-keys", """{"name":"importer","role":"developer"}""");
        var key = await made.DocumentAsync();
        using var client = fixture.Process.Client(key["key"].GetString());
        await Eventually.IsTrueAsync(async () => (await client.GetAsync("/v1/jobs")).IsSuccessStatusCode, "the key is known");
        var file = await client.UploadAsync("{}\n", "application/x-ndjson");
        var job = await client.StartAsync("resources.import", $$"""{"file_id":"{{file}}","format":"ndjson","type":"late"}""", ""","run_at":"2999-01-01T00:00:00Z" """);
        using (var revoked = await owner.DeleteAsync("/v1/api-keys/" + key.Id)) { Assert.True(revoked.IsSuccessStatusCode); }

        await Eventually.IsTrueAsync(async () => (int)(await client.GetAsync("/v1/jobs")).StatusCode == 401, "the key is revoked");
        using (var now = await owner.SendJsonAsync(HttpMethod.Post, $"/v1/jobs/{job}:retry")) { Assert.True(now.IsSuccessStatusCode); }

        Assert.Equal(1, (await owner.EndsAsync(job, "succeeded"))["result"].GetProperty("written").GetInt32());
    }

    public sealed class Fixture : IAsyncLifetime
    {
        private readonly TemporaryFolder _folder = new();
        private string _key = "";

        internal PlatformProcess Process { get; private set; } = null!;

        internal TestDatabase Database { get; private set; } = null!;

        internal HttpClient Client() => Process.Client(_key);

        public async Task InitializeAsync()
        {
            Database = await TestPostgres.CreateDatabaseAsync();
            Process = PlatformProcess.StartStandalone(_folder.Path + "/data", null, ("ConnectionStrings__platform", Database.ConnectionString));
            await Process.ReadyAsync();
            _key = (await File.ReadAllTextAsync(_folder.Path + "/data/api-key")).Trim();
        }

        public async Task DisposeAsync()
        {
            await Process.DisposeAsync();
            _folder.Dispose();
        }
    }
}

internal static class ImportCalls
{
    public static async Task<string> UploadAsync(this HttpClient client, string text, string type)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(text));
        content.Headers.ContentType = new(type);
        using var answer = await client.PostAsync("/v1/files", content);
        return (await answer.DocumentAsync()).Id;
    }

    public static async Task<string> StartAsync(this HttpClient client, string type, string payload, string more = "")
    {
        using var answer = await client.SendJsonAsync(HttpMethod.Post, "/v1/jobs", $$"""{"type":"{{type}}","payload":{{payload}}{{more}}}""");
        var document = await answer.DocumentAsync();
        Assert.True((int)answer.StatusCode == 201, document.Text);
        return document.Id;
    }

    /// <summary>The job once it has ended; it must have ended so.</summary>
    public static async Task<Document> EndsAsync(this HttpClient client, string job, string state)
    {
        Document? last = null;
        await Eventually.IsTrueAsync(async () =>
        {
            last = await client.GetDocumentAsync("/v1/jobs/" + job);
            Assert.True(last["error"].ValueKind == JsonValueKind.Null || last.State != "retrying", last.Text);
            return last.State is "succeeded" or "dead" or "cancelled";
        }, $"{job} ends", TimeSpan.FromSeconds(90));
        Assert.True(last!.State == state, last.Text);
        return last;
    }
}
