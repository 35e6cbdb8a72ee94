using System.Diagnostics;
using System.Globalization;
using Platform.Testing;

namespace Platform.CoreApi.Tests.Files;

/// <summary>An S3 server from npm on a free loopback port, with one bucket in a folder of its own.</summary>
internal sealed class S3Server : IAsyncDisposable
{
    public const string Bucket = "files";
    private readonly TemporaryFolder _folder = new();
    private Process? _process;

    private S3Server()
    {
    }

    public int Port { get; private set; }
    public string ConnectionString => $"Endpoint=http://127.0.0.1:{Port};Bucket={Bucket};AccessKey=S3RVER;SecretKey=S3RVER";

    public static async Task<S3Server> StartAsync()
    {
        var server = new S3Server();
        await server.RunAsync();
        return server;
    }

    /// <summary>Gone at once, as a store that is away; <see cref="RunAsync"/> brings it back on the same port.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    public async Task RunAsync()
    {
        _process = await NodeWitness.StartAsync("s3-server.mjs", _folder.Path, Bucket, Port.ToString(CultureInfo.InvariantCulture));
        var line = await _process.StandardOutput.ReadLineAsync().WaitAsync(Eventually.Deadline);
        Assert.True(line is not null, "the S3 server ended: " + (line is null ? await _process.StandardError.ReadToEndAsync() : ""));
        Port = int.Parse(line!, CultureInfo.InvariantCulture);
        _ = _process.StandardOutput.ReadToEndAsync();
        _ = _process.StandardError.ReadToEndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await KillAsync();
        }

        _folder.Dispose();
    }
}
