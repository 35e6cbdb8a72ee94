using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Platform.ServiceDefaults.Grpc.Wire;

namespace Platform.ServiceDefaults.Grpc.Transcoding;

/// <summary>
/// The answer side of an inner context: kept in memory until it is whole. It never counts as started, so that whoever finds a failure late
/// can still answer with it.
/// </summary>
internal sealed class AnswerFeatures : IHttpResponseFeature, IHttpResponseBodyFeature, IDisposable
{
    private readonly PooledBuffer _buffer;
    private readonly BufferStream _stream;
    private readonly List<(Func<object, Task> Callback, object State)> _starting = [];
    private readonly List<(Func<object, Task> Callback, object State)> _completed = [];
    private PipeWriter? _writer;

    public AnswerFeatures(int limit)
    {
        _buffer = new PooledBuffer(limit);
        _stream = new BufferStream(_buffer);
        Body = _stream;
    }

    public int StatusCode { get; set; } = StatusCodes.Status200OK;
    public string? ReasonPhrase { get; set; }
    public IHeaderDictionary Headers { get; set; } = new HeaderDictionary();
    public Stream Body { get; set; }
    public bool HasStarted => false;
    public Stream Stream => _stream;
    public PipeWriter Writer => _writer ??= PipeWriter.Create(_stream, new(leaveOpen: true));

    /// <summary>The body as it is.</summary>
    public ReadOnlyMemory<byte> Content => _buffer.Written;

    public void OnStarting(Func<object, Task> callback, object state) => _starting.Add((callback, state));

    public void OnCompleted(Func<object, Task> callback, object state) => _completed.Add((callback, state));

    /// <summary>The answer is whole: what waits for its start has its say.</summary>
    public async Task CompleteAsync()
    {
        if (_writer is not null)
        {
            await _writer.FlushAsync();
        }

        for (var i = _starting.Count - 1; i >= 0; i--)
        {
            await _starting[i].Callback(_starting[i].State);
        }

        _starting.Clear();
    }

    /// <summary>The answer has been used.</summary>
    public async Task ReleaseAsync()
    {
        for (var i = _completed.Count - 1; i >= 0; i--)
        {
            await _completed[i].Callback(_completed[i].State);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("Files are not served by gRPC.");

    public void DisableBuffering()
    {
    }

    public void Dispose() => _buffer.Dispose();
}
