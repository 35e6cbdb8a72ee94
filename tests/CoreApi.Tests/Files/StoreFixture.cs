using Platform.CoreApi.Files.Objects;
using Platform.CoreApi.Files.Objects.FileSystem;
using Platform.CoreApi.Files.Objects.S3;
using Platform.Testing;

namespace Platform.CoreApi.Tests.Files;

/// <summary>One store of each kind, shared by the tests of a class: keys are never used twice.</summary>
public sealed class StoreFixture : IAsyncLifetime
{
    public const string FileSystem = "filesystem";
    public const string S3 = "s3";
    private readonly TemporaryFolder _folder = new();
    private S3Server _server = null!;
    private S3ObjectStore _s3 = null!;

    public string Root => Path.Combine(_folder.Path, "files");

    public async Task InitializeAsync()
    {
        _server = await S3Server.StartAsync();
        _s3 = new(S3Settings.Parse(_server.ConnectionString));
    }

    public async Task DisposeAsync()
    {
        _s3.Dispose();
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    internal IObjectStore Get(string name) => name == S3 ? _s3 : new FileSystemObjectStore(Root);
}
