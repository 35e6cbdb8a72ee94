using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Platform.CoreApi.Files.Removal;
using Platform.Testing;

namespace Platform.CoreApi.Tests.Files;

/// <summary>CoreApi with files on a folder of its own; small limits, and no sweep unless a test asks for one.</summary>
public sealed class FilesFixture : IAsyncLifetime
{
    public const int MaxFile = 2_000_000;
    public const int MaxTotal = 5_000_000;
    private readonly TemporaryFolder _folder = new();

    public TestService Service { get; private set; } = null!;
    public string Root => Path.Combine(_folder.Path, "files");

    public async Task InitializeAsync() => Service = await StartAsync();

    public async Task DisposeAsync()
    {
        await Service.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>One more instance on a database, on the same folder unless the settings say otherwise.</summary>
    public Task<TestService> StartAsync(TestDatabase? database = null, params (string Key, string Value)[] settings)
    {
        (string Key, string Value)[] usual =
        [
            ("Files:Directory", Root), ("Files:Limits:MaxFileBytes", $"{MaxFile}"), ("Files:Limits:MaxTotalBytes", $"{MaxTotal}"),
            ("Files:RemovalInterval", "01:00:00"),
        ];
        return TestService.StartAsync("core", s => s.AddCoreApi(), a => a.MapCoreApi(), database, settings.UnionBy(usual, s => s.Key));
    }

    /// <summary>A folder of its own for a test that counts what is on the disk.</summary>
    public string NewRoot() => Directory.CreateDirectory(Path.Combine(_folder.Path, Path.GetRandomFileName())).FullName;

    /// <summary>Every object on the disk, finished or not.</summary>
    public static string[] Objects(string root) =>
        Directory.Exists(root) ? Directory.GetFiles(root, "*", SearchOption.AllDirectories).Where(f => !f.Contains(".probe-", StringComparison.Ordinal)).ToArray() : [];
}

/// <summary>What a caller does with files, in words.</summary>
internal static class FileCalls
{
    public static async Task<HttpResponseMessage> UploadAsync(
        this HttpClient client, byte[] content, string query = "", string? type = "text/plain", params (string Name, string? Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/files" + query) { Content = new ByteArrayContent(content) };
        if (type is not null)
        {
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        foreach (var (name, value) in headers)
        {
            if (value is not null && !request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return await client.SendAsync(request);
    }

    public static async Task<Document> UploadedAsync(this HttpClient client, string content, string query = "")
    {
        using var response = await client.UploadAsync(Encoding.UTF8.GetBytes(content), query);
        Assert.Equal(201, (int)response.StatusCode);
        return await response.DocumentAsync();
    }

    public static async Task<HttpResponseMessage> UploadFormAsync(this HttpClient client, string body, string boundary = "b", params (string Name, string Value)[] headers) =>
        await client.UploadAsync(Encoding.UTF8.GetBytes(body), "", $"multipart/form-data; boundary={boundary}", [.. headers.Select(h => (h.Name, (string?)h.Value))]);

    public static async Task<HttpResponseMessage> FetchAsync(this HttpClient client, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await client.SendAsync(request);
    }

    public static async Task<string> CodeAsync(this HttpResponseMessage response)
    {
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.ToString());
        return (await response.DocumentAsync())["code"].GetString()!;
    }

    /// <summary>Everything that is due now is removed.</summary>
    public static Task SweepAsync(this TestService service) => service.Services.GetRequiredService<ObjectRemovalWorker>().RunOnceAsync(default);
}
