using System.Net;
using Platform.Contracts.Identifiers;
using Platform.CoreApi.Files.Links;
using Platform.Testing;

namespace Platform.CoreApi.Tests.Files;

/// <summary>A link gives one file to whoever has it, until it expires, and nothing else to anybody.</summary>
public sealed class LinkTests(FilesFixture fixture) : IClassFixture<FilesFixture>
{
    [Fact]
    public async Task A_link_works_without_a_key_on_every_instance()
    {
        using var client = fixture.Service.Client();
        var file = await client.UploadedAsync("shared", "?name=a.txt");
        var url = new Uri((await PresignAsync(client, file.Id, """{"expires_in":60}""")).Json.GetProperty("url").GetString()!);
        using var nobody = new HttpClient();
        using var answer = await nobody.GetAsync(url);
        Assert.Equal("shared", await answer.Content.ReadAsStringAsync());
        Assert.Equal("attachment", answer.Content.Headers.ContentDisposition!.DispositionType);
        Assert.Equal("no-referrer", answer.Headers.GetValues("Referrer-Policy").Single());
        using var range = await nobody.FetchAsync(url.ToString(), ("Range", "bytes=1-2"));
        Assert.Equal("ha", await range.Content.ReadAsStringAsync());

        await using var second = await fixture.StartAsync(fixture.Service.Database);
        Assert.Equal("shared", await nobody.GetStringAsync(new Uri(second.BaseAddress, url.PathAndQuery)));

        var inline = (await PresignAsync(client, file.Id, """{"disposition":"inline"}""")).Json.GetProperty("url").GetString()!;
        using var shown = await nobody.GetAsync(inline);
        Assert.Equal("inline", shown.Content.Headers.ContentDisposition!.DispositionType);
        Assert.StartsWith("sandbox", shown.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);

        using var deleted = await client.DeleteAsync("/v1/files/" + file.Id);
        using var gone = await nobody.GetAsync(url);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    [Fact]
    public async Task A_link_that_was_changed_is_refused_wherever_it_was_changed()
    {
        using var client = fixture.Service.Client();
        var file = await client.UploadedAsync("shared");
        var other = await client.UploadedAsync("other");
        var url = new Uri((await PresignAsync(client, file.Id, null)).Json.GetProperty("url").GetString()!).PathAndQuery;
        using var nobody = new HttpClient { BaseAddress = fixture.Service.BaseAddress };
        var start = url.IndexOf("token=", StringComparison.Ordinal) + "token=".Length;
        for (var i = start; i < url.Length; i += 5)
        {
            using var changed = await nobody.GetAsync(url[..i] + (url[i] == 'A' ? 'B' : 'A') + url[(i + 1)..]);
            Assert.Equal(HttpStatusCode.Forbidden, changed.StatusCode);
        }

        foreach (var path in new[] { url.Replace(file.Id, other.Id, StringComparison.Ordinal), url[..^1], url + "A", url[..start], $"/v1/files/{file.Id}/shared", "/v1/files/42/shared?token=x" })
        {
            using var refused = await nobody.GetAsync(path);
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
            Assert.Equal("link_invalid", await refused.CodeAsync());
        }
    }

    [Fact]
    public void A_link_says_when_it_ends_and_that_is_signed()
    {
        var (file, secret) = (TypeId.New(TimeProvider.System), new byte[32]);
        var token = new LinkToken(TypeId.New(TimeProvider.System), DateTimeOffset.FromUnixTimeSeconds(1_800_000_000), IsInline: true);
        Assert.True(LinkToken.TryRead(token.Sign(file, secret), file, secret, out var read));
        Assert.Equal(token, read);
        Assert.False(LinkToken.TryRead(token.Sign(file, secret), file, [.. secret[..31], 1], out _));
        Assert.False(LinkToken.TryRead((token with { IsInline = false }).Sign(file, secret)[..^8] + token.Sign(file, secret)[^8..], file, secret, out _));
    }

    [Fact]
    public async Task A_link_ends_when_it_says()
    {
        using var client = fixture.Service.Client();
        var file = await client.UploadedAsync("shared");
        var url = (await PresignAsync(client, file.Id, """{"expires_in":1}""")).Json.GetProperty("url").GetString()!;
        using var nobody = new HttpClient();
        await Eventually.IsTrueAsync(async () =>
        {
            using var answer = await nobody.GetAsync(url);
            return answer.StatusCode == HttpStatusCode.Forbidden;
        }, "the link's end");
    }

    [Theory]
    [InlineData("""{"expires_in":0}""", "/expires_in")]
    [InlineData("""{"expires_in":604801}""", "/expires_in")]
    [InlineData("""{"expires_in":"1"}""", "/expires_in")]
    [InlineData("""{"disposition":"page"}""", "/disposition")]
    [InlineData("""{"expires":1}""", "/expires")]
    public async Task What_cannot_be_asked_for_is_refused(string body, string pointer)
    {
        using var client = fixture.Service.Client();
        var file = await client.UploadedAsync("shared");
        using var answer = await client.SendJsonAsync(HttpMethod.Post, $"/v1/files/{file.Id}:presign", body);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(pointer, (await answer.DocumentAsync())["errors"][0].GetProperty("pointer").GetString());
    }

    [Fact]
    public async Task Only_the_platform_itself_reads_the_secret()
    {
        await using var requests = Npgsql.NpgsqlDataSource.Create(fixture.Service.Database.ConnectionString);
        await using var read = requests.CreateCommand("SELECT count(*) FROM core.file_link_secret");
        Assert.Equal(0L, await read.ExecuteScalarAsync());
        Assert.Equal(1L, await fixture.Service.Database.ScalarAsync<long>("SELECT count(*) FROM core.file_link_secret"));
    }

    private static async Task<Document> PresignAsync(HttpClient client, string id, string? body)
    {
        using var answer = await client.SendJsonAsync(HttpMethod.Post, $"/v1/files/{id}:presign", body);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.DocumentAsync();
    }
}
