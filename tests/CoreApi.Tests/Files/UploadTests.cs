using System.Net;
using System.Security.Cryptography;
using System.Text;
using Platform.Contracts.Events;
using Platform.Testing;

namespace Platform.CoreApi.Tests.Files;

/// <summary>What goes in comes out, once, and what is refused leaves nothing behind.</summary>
public sealed class UploadTests(FilesFixture fixture) : IClassFixture<FilesFixture>
{
    [Fact]
    public async Task A_file_is_stored_described_read_and_deleted()
    {
        await using var service = await fixture.StartAsync();
        using var client = service.Client();
        var bytes = RandomNumberGenerator.GetBytes(300_000);
        using var created = await client.UploadAsync(bytes, "?name=photo.png&label=env:dev&label=kind:a", "image/png");
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        var file = await created.DocumentAsync();
        Assert.StartsWith("file_", file.Id, StringComparison.Ordinal);
        Assert.Equal("/v1/files/" + file.Id, created.Headers.Location!.ToString());
        Assert.Equal("photo.png", file["name"].GetString());
        Assert.Equal("image/png", file["content_type"].GetString());
        Assert.Equal(bytes.Length, file["size"].GetInt64());
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), file["sha256"].GetString());
        Assert.Equal("""{"env":"dev","kind":"a"}""", file["labels"].GetRawText());
        Assert.Equal($"\"{file["sha256"].GetString()}\"", created.Headers.ETag!.Tag);

        using var content = await client.GetAsync(created.Headers.Location);
        Assert.Equal(bytes, await content.Content.ReadAsByteArrayAsync());
        Assert.Equal("image/png", content.Content.Headers.ContentType!.ToString());
        Assert.Equal(file.Text, (await client.GetDocumentAsync($"/v1/files/{file.Id}/metadata")).Text);
        Assert.Equal(file.Text, (await client.GetDocumentAsync("/v1/files"))["data"][0].GetRawText());

        using var deleted = await client.DeleteAsync(created.Headers.Location);
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        using var gone = await client.GetAsync(created.Headers.Location);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        using var again = await client.DeleteAsync(created.Headers.Location);
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
        string[] expected = [EventTypes.FileCreated, EventTypes.FileDeleted];
        await Eventually.IsTrueAsync(
            async () => expected.SequenceEqual(await DeclaredEvents.CheckAsync(service.Database, Topics.Core)), "both events, as declared");
    }

    [Fact]
    public async Task A_form_with_one_file_is_the_same_as_its_content()
    {
        using var client = fixture.Service.Client();
        using var form = new MultipartFormDataContent();
        using var part = new ByteArrayContent(Encoding.UTF8.GetBytes("hello"));
        part.Headers.ContentType = new("text/markdown");
        form.Add(part, "file", "größe 1.md");
        using var created = await client.PostAsync("/v1/files", form);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        var file = await created.DocumentAsync();
        Assert.Equal("größe 1.md", file["name"].GetString());
        Assert.Equal("text/markdown", file["content_type"].GetString());
        Assert.Equal("hello", await client.GetStringAsync(created.Headers.Location));
    }

    [Theory]
    [InlineData("?name=a.txt", null, "a.txt")]
    [InlineData("", "attachment; filename=\"b.txt\"", "b.txt")]
    [InlineData("", "attachment; filename=\"x\"; filename*=UTF-8''na%C3%AFve%20%F0%9F%98%80.txt", "naïve 😀.txt")]
    [InlineData("?name=%E6%97%A5%E6%9C%AC.txt", "attachment; filename=\"b.txt\"", "日本.txt")]
    [InlineData("", null, "file")]
    public async Task A_name_comes_from_the_query_or_the_header(string query, string? disposition, string expected)
    {
        using var client = fixture.Service.Client();
        using var created = await client.UploadAsync([1], query, "text/plain", ("Content-Disposition", disposition));
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal(expected, (await created.DocumentAsync())["name"].GetString());
    }

    [Fact]
    public async Task An_empty_file_is_a_file()
    {
        using var client = fixture.Service.Client();
        using var created = await client.UploadAsync([], type: null);
        var file = await created.DocumentAsync();
        Assert.Equal(0, file["size"].GetInt64());
        Assert.Equal("application/octet-stream", file["content_type"].GetString());
        Assert.Empty(await client.GetByteArrayAsync("/v1/files/" + file.Id));
        using var range = await client.FetchAsync("/v1/files/" + file.Id, ("Range", "bytes=0-0"));
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, range.StatusCode);
    }

    [Fact]
    public async Task The_same_upload_twice_is_one_file_and_another_one_with_its_key_is_refused()
    {
        using var client = fixture.Service.Client();
        await fixture.Service.SweepAsync();
        var before = FilesFixture.Objects(fixture.Root).Length;
        using var first = await client.UploadAsync([1, 2, 3], "?name=a", "text/plain", ("Idempotency-Key", "k"));
        using var again = await client.UploadAsync([1, 2, 3], "?name=a", "text/plain", ("Idempotency-Key", "k"));
        Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal("true", again.Headers.GetValues("Idempotency-Replayed").Single());
        Assert.Equal(await first.Content.ReadAsStringAsync(), await again.Content.ReadAsStringAsync());
        foreach (var (content, query, type) in new[] { ((byte[])[1, 2, 4], "?name=a", "text/plain"), ([1, 2, 3], "?name=b", "text/plain"), ([1, 2, 3], "?name=a", "text/html"), ([1, 2, 3], "?name=a&label=a:b", "text/plain") })
        {
            using var other = await client.UploadAsync(content, query, type, ("Idempotency-Key", "k"));
            Assert.Equal("idempotency_key_reused", await other.CodeAsync());
        }

        await fixture.Service.SweepAsync();
        Assert.Equal(before + 1, FilesFixture.Objects(fixture.Root).Length);
        Assert.Equal(1, (await client.GetDocumentAsync("/v1/files"))["data"].GetArrayLength());
    }

    [Fact]
    public async Task Twins_at_the_same_moment_on_two_instances_are_one_file()
    {
        await using var second = await fixture.StartAsync(fixture.Service.Database);
        var tenant = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        using var one = fixture.Service.Client(tenant);
        using var two = second.Client(tenant);
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => (i % 2 == 0 ? one : two).UploadAsync([9, 9], "?name=twin", "text/plain", ("Idempotency-Key", "t"))));
        Assert.Single(answers, a => a.StatusCode == HttpStatusCode.Created);
        Assert.All(answers, a => Assert.True(a.StatusCode is HttpStatusCode.Created or HttpStatusCode.OK or HttpStatusCode.Conflict));
        Assert.Equal(1, (await one.GetDocumentAsync("/v1/files"))["data"].GetArrayLength());
        Assert.Equal(2L, await fixture.Service.Database.ScalarAsync<long>($"SELECT bytes FROM core.file_usage WHERE tenant_id = '{tenant}'"));
    }

    [Theory]
    [InlineData("Content-Digest", "sha-256=:uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=:", true)]
    [InlineData("Content-Digest", "md5=:XrY7u+Ae7tCTyyK7j1rNww==:, sha-256=:uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=:", true)]
    [InlineData("X-Content-SHA256", "B94D27B9934D3E08A52E52D7DA7DABFAC484EFE37A5380EE9088F7ACE2EFCDE9", true)]
    [InlineData("Content-Digest", "sha-256=:AAAAuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=:", false)]
    [InlineData("X-Content-SHA256", "0000000000000000000000000000000000000000000000000000000000000000", false)]
    public async Task A_digest_is_held_against_what_arrived(string header, string value, bool isRight)
    {
        using var client = fixture.Service.Client();
        using var answer = await client.UploadAsync(Encoding.UTF8.GetBytes("hello world"), "", "text/plain", (header, value));
        if (isRight)
        {
            Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
            return;
        }

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("digest_mismatch", await answer.CodeAsync());
        Assert.Equal(0, (await client.GetDocumentAsync("/v1/files"))["data"].GetArrayLength());
    }

    [Theory]
    [InlineData("Content-Digest", "sha-256=nonsense")]
    [InlineData("Content-Digest", "sha-256=:AAAA:")]
    [InlineData("Content-Digest", "md5=:XrY7u+Ae7tCTyyK7j1rNww==:")]
    [InlineData("X-Content-SHA256", "abc")]
    public async Task A_digest_that_is_none_is_refused(string header, string value)
    {
        using var client = fixture.Service.Client();
        using var answer = await client.UploadAsync([1], "", "text/plain", (header, value));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("invalid_digest", (await answer.DocumentAsync())["errors"][0].GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_digest_of_a_form_is_about_the_whole_form()
    {
        const string Form = "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a\"\r\n\r\nhello\r\n--b--\r\n";
        using var client = fixture.Service.Client();
        var digest = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Form)));
        using var right = await client.UploadFormAsync(Form, "b", ("Content-Digest", $"sha-256=:{digest}:"));
        Assert.Equal(HttpStatusCode.Created, right.StatusCode);
        using var file = await client.UploadFormAsync(Form, "b", ("X-Content-SHA256", Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes("hello")))));
        Assert.Equal(HttpStatusCode.Created, file.StatusCode);
        using var wrong = await client.UploadFormAsync(Form + "x", "b", ("Content-Digest", $"sha-256=:{digest}:"));
        Assert.Equal("digest_mismatch", await wrong.CodeAsync());
    }

    [Fact]
    public async Task The_limits_of_an_organization_hold()
    {
        await using var service = await fixture.StartAsync(null, ("Files:Limits:Types", "image/*, text/plain"));
        using var client = service.Client();
        using var wrongType = await client.UploadAsync([1], "", "application/zip");
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, wrongType.StatusCode);
        using var rightType = await client.UploadAsync([1], "", "image/webp");
        Assert.Equal(HttpStatusCode.Created, rightType.StatusCode);
        for (var n = 0; n < 2; n++)
        {
            using var large = await client.UploadAsync(new byte[FilesFixture.MaxFile], $"?name={n}");
            Assert.Equal(HttpStatusCode.Created, large.StatusCode);
        }

        using var full = await client.UploadAsync(new byte[FilesFixture.MaxFile], "?name=full");
        Assert.Equal(HttpStatusCode.Forbidden, full.StatusCode);
        Assert.Equal("storage_quota_exceeded", await full.CodeAsync());

        // Room again.
        var first = (await client.GetDocumentAsync("/v1/files"))["data"][1].GetProperty("id").GetString();
        using var deleted = await client.DeleteAsync("/v1/files/" + first);
        using var fits = await client.UploadAsync(new byte[FilesFixture.MaxFile], "?name=fits");
        Assert.Equal(HttpStatusCode.Created, fits.StatusCode);
    }

    [Fact]
    public async Task Two_uploads_that_fit_alone_and_not_together_do_not_both_fit()
    {
        using var client = fixture.Service.Client();
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(n => client.UploadAsync(new byte[1_900_000], $"?name={n}")));
        Assert.Equal(2, answers.Count(a => a.StatusCode == HttpStatusCode.Created));
        Assert.All(answers.Where(a => a.StatusCode != HttpStatusCode.Created), a => Assert.Equal(HttpStatusCode.Forbidden, a.StatusCode));
    }

    [Fact]
    public async Task Lists_have_pages_and_labels_and_both_orders()
    {
        using var client = fixture.Service.Client();
        var ids = new List<string>();
        for (var n = 0; n < 5; n++)
        {
            ids.Add((await client.UploadedAsync($"{n}", $"?name={n}&label=even:{n % 2 == 0}")).Id);
        }

        async Task<List<string>> AllAsync(string query)
        {
            var found = new List<string>();
            string? cursor = null;
            do
            {
                var page = await client.GetDocumentAsync($"/v1/files?limit=2{query}{(cursor is null ? "" : "&cursor=" + cursor)}");
                found.AddRange(page["data"].EnumerateArray().Select(f => f.GetProperty("id").GetString()!));
                cursor = page["next_cursor"].GetString();
            }
            while (cursor is not null);
            return found;
        }

        Assert.Equal(ids, await AllAsync(""));
        Assert.Equal(Enumerable.Reverse(ids), await AllAsync("&sort=-created_at"));
        Assert.Equal([ids[0], ids[2], ids[4]], await AllAsync("&label=even:True"));
    }

    [Fact]
    public async Task Another_tenant_and_another_scope_see_nothing()
    {
        using var owner = fixture.Service.Client();
        using var other = fixture.Service.Client();
        var path = "/v1/files/" + (await owner.UploadedAsync("mine")).Id;
        foreach (var send in new Func<HttpClient, Task<HttpResponseMessage>>[]
        {
            c => c.GetAsync(path), c => c.GetAsync(path + "/metadata"), c => c.DeleteAsync(path), c => c.PostAsync(path + ":presign", null),
            c => c.SendAsync(new(HttpMethod.Head, path)),
        })
        {
            using var answer = await send(other);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }

        Assert.Equal(0, (await other.GetDocumentAsync("/v1/files"))["data"].GetArrayLength());
        var viewer = fixture.Service.Client(role: "viewer");
        using var refused = await viewer.UploadAsync([1]);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        using var narrow = fixture.Service.Client(scopes: ["files.write"]);
        using var unread = await narrow.GetAsync("/v1/files");
        Assert.Equal(HttpStatusCode.Forbidden, unread.StatusCode);
    }
}
