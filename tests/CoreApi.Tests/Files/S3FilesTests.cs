using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Platform.CoreApi.Files.Objects;
using Platform.CoreApi.Files.Objects.S3;
using Platform.ServiceDefaults.Hosting;
using Platform.Testing;

namespace Platform.CoreApi.Tests.Files;

/// <summary>The same API on S3, and what it says while the store is away.</summary>
public sealed class S3FilesTests
{
    [Fact]
    public async Task Files_on_S3_are_files()
    {
        await using var server = await S3Server.StartAsync();
        await using var service = await StartAsync(server.ConnectionString + $";Prefix=p/;PublicEndpoint=http://localhost:{server.Port}");
        using var client = service.Client();
        var bytes = RandomNumberGenerator.GetBytes(S3Upload.PartSize + 1000);
        using var created = await client.UploadAsync(bytes, "?name=big.bin", "application/x-big");
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal(bytes, await client.GetByteArrayAsync(created.Headers.Location));
        using var range = await client.FetchAsync(created.Headers.Location!.ToString(), ("Range", "bytes=8388600-8388615"));
        Assert.Equal(bytes[8388600..8388616], await range.Content.ReadAsByteArrayAsync());

        // The link goes to the store itself.
        using var presigned = await client.PostAsync(created.Headers.Location + ":presign", null);
        var url = new Uri((await presigned.DocumentAsync())["url"].GetString()!);
        Assert.Equal($"localhost:{server.Port}", url.Authority);
        using var nobody = new HttpClient();
        using var answer = await nobody.GetAsync(url);
        Assert.Equal(bytes, await answer.Content.ReadAsByteArrayAsync());
        Assert.Equal("application/x-big", answer.Content.Headers.ContentType!.ToString());
        Assert.Equal("big.bin", answer.Content.Headers.ContentDisposition!.FileName!.Trim('"'));

        using var deleted = await client.DeleteAsync(created.Headers.Location);
        await service.SweepAsync();
        using var gone = await nobody.GetAsync(url);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    [Fact]
    public async Task A_store_that_goes_away_is_503_and_degraded_and_loses_nothing()
    {
        await using var server = await S3Server.StartAsync();
        await using var service = await StartAsync(server.ConnectionString);
        using var client = service.Client();
        var kept = await client.UploadedAsync("kept");
        await server.KillAsync();
        using var upload = await client.UploadAsync([1, 2, 3], "", "text/plain", ("Idempotency-Key", "k"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, upload.StatusCode);
        using var download = await client.GetAsync("/v1/files/" + kept.Id);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, download.StatusCode);
        await HealthIsAsync(client, "degraded");
        using var resource = await client.CreateAsync("""{"type":"a","data":{}}""");
        Assert.Equal(HttpStatusCode.Created, resource.StatusCode);

        await server.RunAsync();
        await HealthIsAsync(client, "ready");
        using var again = await client.UploadAsync([1, 2, 3], "", "text/plain", ("Idempotency-Key", "k"));
        Assert.Equal(HttpStatusCode.Created, again.StatusCode);
        Assert.Equal("kept", await client.GetStringAsync("/v1/files/" + kept.Id));
    }

    [Fact]
    public async Task A_store_that_is_away_at_the_start_stops_nothing_but_files()
    {
        await using var service = await StartAsync($"Endpoint=http://127.0.0.1:{PlatformProcess.FreePort()};Bucket=b;AccessKey=a;SecretKey=s");
        using var client = service.Client();
        await HealthIsAsync(client, "degraded");
        using var resource = await client.CreateAsync("""{"type":"a","data":{}}""");
        Assert.Equal(HttpStatusCode.Created, resource.StatusCode);
    }

    [Fact]
    public async Task A_bucket_that_is_not_there_is_named()
    {
        await using var server = await S3Server.StartAsync();
        using var store = new S3ObjectStore(S3Settings.Parse(server.ConnectionString.Replace("Bucket=files", "Bucket=other", StringComparison.Ordinal)));
        Assert.Equal("The bucket 'other' does not exist.", await store.WhyNotAsync(default));
        await Assert.ThrowsAsync<ObjectStoreException>(() => store.WriteAsync(Guid.CreateVersion7(TimeProvider.System.GetUtcNow()), new MemoryStream([1]), default));
    }

    [Theory]
    [InlineData("nonsense", "cannot be read")]
    [InlineData("Endpoint=http://x", "needs a Bucket")]
    [InlineData("Bucket=b;Endpoint=x", "Endpoint")]
    [InlineData("Bucket=b;AccessKey=a", "both AccessKey and SecretKey")]
    [InlineData("Bucket=b;Colour=red", "colour")]
    [InlineData("Bucket=b;Endpoint=http://x;PathStyle=maybe", "PathStyle")]
    public async Task Settings_that_make_no_sense_end_the_start_in_one_line(string settings, string what)
    {
        var refused = await Assert.ThrowsAsync<StartupException>(() => StartAsync(settings));
        Assert.StartsWith("ConnectionStrings__s3 ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(what, refused.Message, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain('\n', refused.Message);
    }

    private static Task<TestService> StartAsync(string s3) =>
        TestService.StartAsync("core", s => s.AddCoreApi(), a => a.MapCoreApi(), null,
            [("ConnectionStrings:s3", s3), ("Files:HealthInterval", "00:00:00.200"), ("Files:RemovalInterval", "01:00:00")]);

    private static Task HealthIsAsync(HttpClient client, string status) =>
        Eventually.IsTrueAsync(async () => JsonDocument.Parse(await (await client.GetAsync("/health/ready")).Content.ReadAsStringAsync())
            .RootElement.GetProperty("status").GetString() == status, "health " + status);
}
