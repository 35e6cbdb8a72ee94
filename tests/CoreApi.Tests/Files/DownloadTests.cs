using System.Net;
using System.Text;
using Platform.CoreApi.Files.Downloads;

namespace Platform.CoreApi.Tests.Files;

/// <summary>RFC 9110 on a file: ranges, conditions, and headers that keep a file from being a page of ours.</summary>
public sealed class DownloadTests(FilesFixture fixture) : IClassFixture<FilesFixture>
{
    private const string Text = "0123456789";

    [Theory]
    [InlineData("bytes=0-0", 206, "0", "bytes 0-0/10")]
    [InlineData("bytes=2-4", 206, "234", "bytes 2-4/10")]
    [InlineData("bytes=5-", 206, "56789", "bytes 5-9/10")]
    [InlineData("bytes=-3", 206, "789", "bytes 7-9/10")]
    [InlineData("bytes=-30", 206, Text, "bytes 0-9/10")]
    [InlineData("bytes=8-99", 206, "89", "bytes 8-9/10")]
    [InlineData("BYTES=1-1", 206, "1", "bytes 1-1/10")]
    [InlineData("bytes=10-", 416, null, "bytes */10")]
    [InlineData("bytes=99999999999-", 416, null, "bytes */10")]
    [InlineData("bytes=-0", 416, null, "bytes */10")]
    [InlineData("bytes=4-2", 200, Text, null)]
    [InlineData("bytes=a-b", 200, Text, null)]
    [InlineData("bytes=", 200, Text, null)]
    [InlineData("bytes=-", 200, Text, null)]
    [InlineData("bytes=99999999999999999999999-", 200, Text, null)]
    [InlineData("lines=1-2", 200, Text, null)]
    [InlineData("bytes=0-1,4-5", 200, Text, null)]
    public async Task A_range_is_what_it_says(string range, int status, string? content, string? contentRange)
    {
        using var client = fixture.Service.Client();
        var path = "/v1/files/" + (await client.UploadedAsync(Text)).Id;
        using var answer = await client.FetchAsync(path, ("Range", range));
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(contentRange, answer.Content.Headers.ContentRange?.ToString());
        if (content is not null)
        {
            Assert.Equal(content, await answer.Content.ReadAsStringAsync());
            Assert.Equal(content.Length, answer.Content.Headers.ContentLength);
        }
    }

    [Fact]
    public async Task Conditions_are_about_the_content()
    {
        using var client = fixture.Service.Client();
        var file = await client.UploadedAsync(Text);
        var path = "/v1/files/" + file.Id;
        var tag = $"\"{file["sha256"].GetString()}\"";
        foreach (var header in new[] { tag, "W/" + tag, $"\"x\", {tag}", "*" })
        {
            using var same = await client.FetchAsync(path, ("If-None-Match", header));
            Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
            Assert.Equal(tag, same.Headers.ETag!.Tag);
            using var document = await client.FetchAsync(path + "/metadata", ("If-None-Match", header));
            Assert.Equal(HttpStatusCode.NotModified, document.StatusCode);
        }

        using var other = await client.FetchAsync(path, ("If-None-Match", "\"x\""));
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        using var resumed = await client.FetchAsync(path, ("Range", "bytes=1-2"), ("If-Range", tag));
        Assert.Equal("12", await resumed.Content.ReadAsStringAsync());
        using var changed = await client.FetchAsync(path, ("Range", "bytes=1-2"), ("If-Range", "\"x\""));
        Assert.Equal(Text, await changed.Content.ReadAsStringAsync());
        using var weak = await client.FetchAsync(path, ("Range", "bytes=1-2"), ("If-Range", "W/" + tag));
        Assert.Equal(HttpStatusCode.OK, weak.StatusCode);
        using var mismatch = await client.SendJsonAsync(HttpMethod.Delete, path, null, ("If-Match", "\"x\""));
        Assert.Equal("version_mismatch", await mismatch.CodeAsync());
        using var match = await client.SendJsonAsync(HttpMethod.Delete, path, null, ("If-Match", tag));
        Assert.Equal(HttpStatusCode.NoContent, match.StatusCode);
    }

    [Fact]
    public async Task A_head_says_what_a_get_would()
    {
        using var client = fixture.Service.Client();
        var path = "/v1/files/" + (await client.UploadedAsync(Text)).Id;
        using var head = await client.SendAsync(new(HttpMethod.Head, path));
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal(Text.Length, head.Content.Headers.ContentLength);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
        Assert.Equal("bytes", head.Headers.AcceptRanges.Single());
        Assert.NotNull(head.Headers.ETag);
    }

    [Fact]
    public async Task A_page_that_somebody_uploaded_is_no_page_of_ours()
    {
        using var client = fixture.Service.Client();
        using var created = await client.UploadAsync(Encoding.UTF8.GetBytes("<script>alert(1)</script>"), "?name=x.html", "text/html");
        using var answer = await client.GetAsync(created.Headers.Location);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.StartsWith("sandbox", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal("attachment", answer.Content.Headers.ContentDisposition!.DispositionType);
        Assert.Equal("x.html", answer.Content.Headers.ContentDisposition.FileName!.Trim('"'));
    }

    [Theory]
    [InlineData("plain.txt", "attachment; filename=\"plain.txt\"")]
    [InlineData("a\"b;c.txt", "attachment; filename=\"a_b;c.txt\"; filename*=UTF-8''a%22b%3Bc.txt")]
    [InlineData("50%.txt", "attachment; filename=\"50_.txt\"; filename*=UTF-8''50%25.txt")]
    [InlineData("größe.txt", "attachment; filename=\"gr__e.txt\"; filename*=UTF-8''gr%C3%B6%C3%9Fe.txt")]
    [InlineData("😀", "attachment; filename=\"__\"; filename*=UTF-8''%F0%9F%98%80")]
    public async Task Names_are_written_so_that_nothing_can_break_out_of_them(string name, string expected)
    {
        Assert.Equal(expected, FileHeaders.Disposition(FileHeaders.Attachment, name));
        using var client = fixture.Service.Client();
        var file = await client.UploadedAsync(Text, "?name=" + Uri.EscapeDataString(name));
        using var answer = await client.GetAsync("/v1/files/" + file.Id);
        var disposition = answer.Content.Headers.ContentDisposition!;
        Assert.Equal(name, disposition.FileNameStar ?? disposition.FileName!.Trim('"'));
    }

    [Fact]
    public async Task A_deletion_in_the_middle_of_a_download_gives_the_whole_or_an_error()
    {
        using var client = fixture.Service.Client();
        var bytes = new byte[1_900_000];
        Array.Fill(bytes, (byte)7);
        using var created = await client.UploadAsync(bytes);
        using var answer = await client.GetAsync(created.Headers.Location, HttpCompletionOption.ResponseHeadersRead);
        await using var content = await answer.Content.ReadAsStreamAsync();
        var read = new byte[bytes.Length];
        await content.ReadExactlyAsync(read.AsMemory(0, 1000));
        using var deleted = await client.DeleteAsync(created.Headers.Location);
        await fixture.Service.SweepAsync();
        await content.ReadExactlyAsync(read.AsMemory(1000));
        Assert.Equal(bytes, read);
    }
}
