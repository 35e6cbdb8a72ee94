using System.Net;
using System.Security.Cryptography;
using System.Text;
using Platform.Contracts.Identifiers;
using Platform.CoreApi.Files.Links;
using Platform.Testing;

namespace Platform.CoreApi.Tests.Files;

/// <summary>A link takes one file from whoever has it, as it was promised, and nothing else from anybody.</summary>
public sealed class UploadLinkTests(FilesFixture fixture) : IClassFixture<FilesFixture>
{
    [Fact]
    public async Task A_link_takes_one_file_without_a_key_however_often_it_is_used()
    {
        using var client = fixture.Service.Client();
        var url = await LinkAsync(client, """{"name":"photo.png","content_type":"image/png","labels":{"album":"summer"}}""");
        using var nobody = new HttpClient();

        using var first = await PutAsync(nobody, url, "picture", "image/png");
        var file = await first.DocumentAsync();
        Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        Assert.Equal(("photo.png", "image/png", 7), (file["name"].GetString(), file["content_type"].GetString(), file["size"].GetInt32()));
        Assert.Equal("summer", file["labels"].GetProperty("album").GetString());
        Assert.Equal("picture", await client.GetStringAsync("/v1/files/" + file.Id));

        await using var second = await fixture.StartAsync(fixture.Service.Database);
        using var again = await PutAsync(nobody, new Uri(second.BaseAddress, url.PathAndQuery), "picture", "image/png");
        Assert.Equal((HttpStatusCode.OK, "true"), (again.StatusCode, again.Headers.GetValues("Idempotency-Replayed").Single()));
        Assert.Equal(file.Id, (await again.DocumentAsync()).Id);
        using var other = await PutAsync(nobody, url, "another", "image/png");
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "idempotency_key_reused"), (other.StatusCode, await other.CodeAsync()));
        Assert.Single((await client.GetDocumentAsync("/v1/files?label=album:summer"))["data"].EnumerateArray());
    }

    [Fact]
    public async Task What_was_not_promised_is_refused_and_stores_nothing()
    {
        using var client = fixture.Service.Client();
        using var nobody = new HttpClient();
        var hash = Convert.ToHexStringLower(SHA256.HashData("right"u8));
        foreach (var (body, content, type, status, code) in new[]
        {
            ("""{"labels":{"case":"refused"},"max_bytes":4}""", "right", "text/plain", HttpStatusCode.RequestEntityTooLarge, "body_too_large"),
            ("""{"labels":{"case":"refused"},"content_type":"image/png"}""", "right", "text/plain", HttpStatusCode.BadRequest, "validation_failed"),
            ($$"""{"labels":{"case":"refused"},"sha256":"{{hash}}"}""", "wrong", "text/plain", HttpStatusCode.BadRequest, "digest_mismatch"),
        })
        {
            var url = await LinkAsync(client, body);
            using var refused = await PutAsync(nobody, url, content, type);
            Assert.Equal((status, code), (refused.StatusCode, await refused.CodeAsync()));
        }

        Assert.Empty((await client.GetDocumentAsync("/v1/files?label=case:refused"))["data"].EnumerateArray());

        // A refusal does not use the link up.
        var good = await LinkAsync(client, $$"""{"sha256":"{{hash}}"}""");
        using var wrong = await PutAsync(nobody, good, "wrong", "text/plain");
        using var right = await PutAsync(nobody, good, "right", "text/plain");
        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.Created), (wrong.StatusCode, right.StatusCode));
    }

    [Fact]
    public async Task A_link_that_was_changed_or_is_over_is_refused()
    {
        using var client = fixture.Service.Client();
        using var nobody = new HttpClient();
        var url = await LinkAsync(client, "{}");
        var start = url.AbsoluteUri.IndexOf("token=", StringComparison.Ordinal) + "token=".Length;
        for (var i = start; i < url.AbsoluteUri.Length; i += 7)
        {
            var changed = url.AbsoluteUri[..i] + (url.AbsoluteUri[i] == 'A' ? 'B' : 'A') + url.AbsoluteUri[(i + 1)..];
            using var refused = await PutAsync(nobody, new(changed), "x", "text/plain");
            Assert.Equal((HttpStatusCode.Forbidden, "link_invalid"), (refused.StatusCode, await refused.CodeAsync()));
        }

        foreach (var rest in new[] { "", "x", new string('A', UploadGrant.MaxToken + 1), "%00" })
        {
            using var refused = await PutAsync(nobody, new(url.AbsoluteUri[..start] + rest), "x", "text/plain");
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }

        // Signed by another purpose's form, or by another secret.
        var file = await client.UploadedAsync("shared");
        using var presigned = await client.SendJsonAsync(HttpMethod.Post, $"/v1/files/{file.Id}:presign", "{}");
        var read = new Uri((await presigned.DocumentAsync())["url"].GetString()!).Query;
        using var mixed = await PutAsync(nobody, new(url.AbsoluteUri[..url.AbsoluteUri.IndexOf('?', StringComparison.Ordinal)] + read), "x", "text/plain");
        Assert.Equal(HttpStatusCode.Forbidden, mixed.StatusCode);
        var clock = TimeProvider.System;
        var foreign = new UploadGrant(TypeId.New(clock), TypeId.New(clock), TypeId.New(clock), clock.GetUtcNow().AddHours(1), "a", null, "{}"u8.ToArray(), 10, null).Sign(new byte[32]);
        using var forged = await PutAsync(nobody, new(url.AbsoluteUri[..start] + foreign), "x", "text/plain");
        Assert.Equal(HttpStatusCode.Forbidden, forged.StatusCode);

        var brief = await LinkAsync(client, """{"expires_in":1}""");
        await Eventually.IsTrueAsync(async () =>
        {
            using var answer = await PutAsync(nobody, brief, "x", "text/plain");
            return answer.StatusCode == HttpStatusCode.Forbidden;
        }, "the link's end");
    }

    [Theory]
    [InlineData("""{"name":"a/b"}""", "/name")]
    [InlineData("""{"content_type":"nonsense"}""", "/content_type")]
    [InlineData("""{"labels":{"a":1}}""", "/labels/a")]
    [InlineData("""{"max_bytes":0}""", "/max_bytes")]
    [InlineData("""{"max_bytes":9007199254740993}""", "/max_bytes")]
    [InlineData("""{"sha256":"abc"}""", "/sha256")]
    [InlineData("""{"expires_in":86401}""", "/expires_in")]
    [InlineData("""{"size":1}""", "/size")]
    public async Task What_cannot_be_asked_for_is_refused(string body, string pointer)
    {
        using var client = fixture.Service.Client();
        using var answer = await client.SendJsonAsync(HttpMethod.Post, "/v1/files:presign", body);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(pointer, (await answer.DocumentAsync())["errors"][0].GetProperty("pointer").GetString());
    }

    [Fact]
    public async Task Labels_that_no_url_can_carry_are_refused()
    {
        using var client = fixture.Service.Client();
        var labels = string.Join(',', Enumerable.Range(0, 30).Select(i => $"\"l{i}\":\"{new string('v', 200)}\""));
        using var answer = await client.SendJsonAsync(HttpMethod.Post, "/v1/files:presign", "{\"labels\":{" + labels + "}}");
        Assert.Equal("/labels", (await answer.DocumentAsync())["errors"][0].GetProperty("pointer").GetString());
    }

    private static async Task<Uri> LinkAsync(HttpClient client, string body)
    {
        using var answer = await client.SendJsonAsync(HttpMethod.Post, "/v1/files:presign", body);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return new((await answer.DocumentAsync())["url"].GetString()!);
    }

    private static Task<HttpResponseMessage> PutAsync(HttpClient client, Uri url, string content, string type) =>
        client.PutAsync(url, new StringContent(content, Encoding.UTF8, new System.Net.Http.Headers.MediaTypeHeaderValue(type)));
}
