using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Platform.CoreApi.Files.Removal;
using Platform.Testing;

namespace Platform.CoreApi.Tests.Files;

/// <summary>Garbage, floods, and peers that are slow or go away: a precise answer where somebody reads one, and nothing on the disk.</summary>
public sealed class BadUploadTests(FilesFixture fixture) : IClassFixture<FilesFixture>
{
    private const string Part = "Content-Disposition: form-data; name=\"f\"; filename=\"a\"\r\n\r\nhello";

    public static TheoryData<string, string, int, string, string?> Forms() => new()
    {
        // name, body with boundary b, status, code, fault
        { "nothing", "", 400, "malformed_multipart", null },
        { "no boundary in it", "hello", 400, "malformed_multipart", null },
        { "no part", "--b--\r\n", 400, "validation_failed", "required" },
        { "cut in the headers", "--b\r\nContent-Disp", 400, "malformed_multipart", null },
        { "cut in the content", "--b\r\n" + Part, 400, "malformed_multipart", null },
        { "no last boundary", "--b\r\n" + Part + "\r\n--b\r\n", 400, "validation_failed", "too_many" },
        { "cut in the last boundary", "--b\r\n" + Part + "\r\n--", 400, "malformed_multipart", null },
        { "two files", "--b\r\n" + Part + "\r\n--b\r\n" + Part + "\r\n--b--\r\n", 400, "validation_failed", "too_many" },
        { "a field", "--b\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\nhello\r\n--b--\r\n", 400, "validation_failed", "unknown_field" },
        { "a field after the file", "--b\r\n" + Part + "\r\n--b\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\nx\r\n--b--\r\n", 400, "validation_failed", "too_many" },
        { "no disposition", "--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b--\r\n", 400, "validation_failed", "unknown_field" },
        { "no headers at all", "--b\r\n\r\nhello\r\n--b--\r\n", 400, "validation_failed", "unknown_field" },
        { "headers without end", "--b\r\n" + string.Concat(Enumerable.Range(0, 5000).Select(n => $"X-{n}: {n}\r\n")), 400, "malformed_multipart", null },
        { "one long header", "--b\r\nX: " + new string('x', 100_000) + "\r\n\r\n", 400, "malformed_multipart", null },
        { "a path as a name", "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"../../etc/passwd\"\r\n\r\nhello\r\n--b--\r\n", 400, "validation_failed", "invalid_format" },
        { "a strange type", "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a\"\r\nContent-Type: nonsense\r\n\r\nhello\r\n--b--\r\n", 400, "validation_failed", "invalid_format" },
        { "too large", "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a\"\r\n\r\n" + new string('x', FilesFixture.MaxFile + 1) + "\r\n--b--\r\n", 413, "body_too_large", null },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task A_form_that_is_none_is_named_and_leaves_nothing(string name, string body, int status, string code, string? fault)
    {
        using var client = fixture.Service.Client();
        using var answer = await client.UploadFormAsync(body);
        Assert.True(status == (int)answer.StatusCode, $"{name}: {await answer.Content.ReadAsStringAsync()}");
        var problem = await answer.DocumentAsync();
        Assert.Equal(code, problem["code"].GetString());
        Assert.Equal(fault, problem.Json.TryGetProperty("errors", out var errors) ? errors[0].GetProperty("code").GetString() : null);
        await NothingIsLeftAsync(client);
    }

    [Theory]
    [InlineData("?name=", "name invalid_length")]
    [InlineData("?name=a/b", "name invalid_format")]
    [InlineData("?name=a%5Cb", "name invalid_format")]
    [InlineData("?name=..", "name invalid_format")]
    [InlineData("?name=a%00b", "name invalid_format")]
    [InlineData("?name=a%0D%0AX-Y:%20z", "name invalid_format")]
    [InlineData("?name=a%E2%80%AEgpj.exe", "name invalid_format")]
    [InlineData("?label=env", "label invalid_format")]
    [InlineData("?label=a:1&label=a:2", "label duplicate")]
    [InlineData("?name=..&label=:x", "label invalid_format;name invalid_format")]
    public async Task A_name_or_label_that_cannot_be_is_refused(string query, string faults)
    {
        using var client = fixture.Service.Client();
        using var answer = await client.UploadAsync([1], query);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var problem = await answer.DocumentAsync();
        Assert.Equal(faults, string.Join(';', problem["errors"].EnumerateArray().Select(e => $"{e.GetProperty("pointer")} {e.GetProperty("code")}")));
        await NothingIsLeftAsync(client);
    }

    [Fact]
    public async Task A_name_may_be_255_characters_long_and_no_longer()
    {
        using var client = fixture.Service.Client();
        using var fits = await client.UploadAsync([1], "?name=" + new string('n', 255));
        Assert.Equal(HttpStatusCode.Created, fits.StatusCode);
        using var tooLong = await client.UploadAsync([1], "?name=" + new string('n', 300));
        Assert.Equal(HttpStatusCode.BadRequest, tooLong.StatusCode);
    }

    [Theory]
    [InlineData("Content-Type", "nonsense", 400)]
    [InlineData("Content-Type", "*/*", 400)]
    [InlineData("Content-Type", "multipart/form-data", 400)]
    [InlineData("Content-Encoding", "gzip", 415)]
    [InlineData("Idempotency-Key", "", 400)]
    public async Task A_header_that_makes_no_sense_is_refused(string header, string value, int status)
    {
        using var client = fixture.Service.Client();
        using var answer = header == "Content-Type" ? await client.UploadAsync([1], type: value) : await client.UploadAsync([1], "", "text/plain", (header, value));
        Assert.Equal(status, (int)answer.StatusCode);
        await NothingIsLeftAsync(client);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_over_the_limit_is_413_whether_its_length_was_said_or_not(bool isSaid)
    {
        using var client = fixture.Service.Client();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/files") { Content = new ByteArrayContent(new byte[FilesFixture.MaxFile + 1]) };
        request.Headers.TransferEncodingChunked = !isSaid;
        using var answer = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Equal("body_too_large", await answer.CodeAsync());
        Assert.Contains($"{FilesFixture.MaxFile}", (await answer.DocumentAsync())["detail"].GetString(), StringComparison.Ordinal);
        await NothingIsLeftAsync(client);
    }

    [Fact]
    public async Task The_limit_of_JSON_stays_what_it_is()
    {
        using var client = fixture.Service.Client();
        using var answer = await client.CreateAsync("{\"type\":\"a\",\"data\":{\"s\":\"" + new string('x', 2 << 20) + "\"}}");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Fact]
    public async Task A_caller_who_goes_away_in_the_middle_leaves_nothing()
    {
        var root = fixture.NewRoot();
        await using var service = await fixture.StartAsync(null, ("Files:Directory", root));
        using var socket = await BeginAsync(service, length: 1_000_000, sent: 300_000);
        await Eventually.IsTrueAsync(() => FilesFixture.Objects(root).Any(o => o.EndsWith(".part", StringComparison.Ordinal)), "the upload's beginning on the disk");
        socket.Close(0);
        await Eventually.IsTrueAsync(() => FilesFixture.Objects(root).Length == 0, "nothing on the disk");
        await Eventually.IsTrueAsync(async () => await DueAsync(service) == 1, "its removal due");
        await service.SweepAsync();
        Assert.Equal(0L, await service.Database.ScalarAsync<long>("SELECT count(*) FROM core.object_removal"));
        Assert.Equal(0L, await service.Database.ScalarAsync<long>("SELECT count(*) FROM core.file"));
    }

    /// <summary>Kestrel gives a body five seconds to begin to flow.</summary>
    [Fact]
    public async Task A_caller_who_sends_nothing_more_is_not_waited_for()
    {
        var root = fixture.NewRoot();
        await using var service = await fixture.StartAsync(null, ("Files:Directory", root));
        using var socket = await BeginAsync(service, length: 1_000_000, sent: 1000);
        var buffer = new byte[4096];
        var read = await socket.ReceiveAsync(buffer).WaitAsync(TimeSpan.FromSeconds(60));
        Assert.StartsWith("HTTP/1.1 408", Encoding.ASCII.GetString(buffer, 0, read), StringComparison.Ordinal);
        await Eventually.IsTrueAsync(() => FilesFixture.Objects(root).Length == 0, "nothing on the disk");
    }

    [Fact]
    public async Task An_upload_whose_object_is_already_being_removed_does_not_commit()
    {
        await using var service = await fixture.StartAsync();
        using var client = service.Client();
        using var content = new PausedContent();
        var upload = client.PostAsync("/v1/files", content);
        await Eventually.IsTrueAsync(async () => await service.Database.ScalarAsync<long>("SELECT count(*) FROM core.object_removal") == 1, "the upload known");
        await service.Database.ExecuteAsync("UPDATE core.object_removal SET removing = true");
        content.Finish();
        using var answer = await upload;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal(0L, await service.Database.ScalarAsync<long>("SELECT count(*) FROM core.file"));
    }

    [Fact]
    public async Task An_upload_that_runs_longer_than_the_grace_is_never_swept()
    {
        await using var service = await fixture.StartAsync(null, ("Files:OrphanGrace", "00:00:02"), ("Files:RemovalInterval", "00:00:00.1"));
        using var client = service.Client();
        using var content = new PausedContent();
        var upload = client.PostAsync("/v1/files", content);
        await Eventually.IsTrueAsync(async () => await service.Database.ScalarAsync<long>("SELECT count(*) FROM core.object_removal") == 1, "the upload known");
        var first = await service.Database.ScalarAsync<DateTime>("SELECT remove_after FROM core.object_removal");
        await Eventually.IsTrueAsync(async () => await service.Database.ScalarAsync<bool>($"SELECT now() > '{first:O}'::timestamptz + interval '500 milliseconds'"), "the first grace over");
        content.Finish();
        using var answer = await upload;
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.Equal("first and last", await client.GetStringAsync(answer.Headers.Location));
    }

    private async Task NothingIsLeftAsync(HttpClient client)
    {
        await fixture.Service.SweepAsync();
        Assert.Equal(0, (await client.GetDocumentAsync("/v1/files"))["data"].GetArrayLength());
        var known = await fixture.Service.Database.ScalarAsync<long>("SELECT count(*) FROM core.file");
        await Eventually.IsTrueAsync(() => FilesFixture.Objects(fixture.Root).Length == known, "no object but those of files");
    }

    private static Task<long> DueAsync(TestService service) =>
        service.Database.ScalarAsync<long>("SELECT count(*) FROM core.object_removal WHERE remove_after <= now()");

    private static async Task<Socket> BeginAsync(TestService service, int length, int sent)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(service.BaseAddress.Host, service.BaseAddress.Port);
        var token = TestAuthenticator.Token(Guid.CreateVersion7(TimeProvider.System.GetUtcNow()));
        await socket.SendAsync(Encoding.ASCII.GetBytes(
            $"POST /v1/files HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\n\r\n{new string('x', sent)}"));
        return socket;
    }

    /// <summary>Sends its beginning, and the rest when it is told to.</summary>
    private sealed class PausedContent : HttpContent
    {
        private readonly TaskCompletionSource _finish = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Finish() => _finish.SetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync("first "u8.ToArray());
            await stream.FlushAsync();
            await _finish.Task;
            await stream.WriteAsync("and last"u8.ToArray());
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
