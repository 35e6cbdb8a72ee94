using System.Diagnostics.Metrics;

namespace Platform.CoreApi.Files;

/// <summary>What goes in and out, and what is cleared away.</summary>
internal sealed class FilesMetrics : IDisposable
{
    private readonly Meter _meter = new("Platform.Files");
    private readonly Counter<long> _uploaded;
    private readonly Counter<long> _downloaded;
    private readonly Counter<long> _removed;

    public FilesMetrics()
    {
        _uploaded = _meter.CreateCounter<long>("platform.files.uploaded", "By", "Bytes of files that were stored");
        _downloaded = _meter.CreateCounter<long>("platform.files.downloaded", "By", "Bytes of contents that were sent");
        _removed = _meter.CreateCounter<long>("platform.files.removed", "{object}", "Objects removed from the store, of deleted files and of uploads that came to nothing");
    }

    public void Uploaded(long bytes) => _uploaded.Add(bytes);

    public void Downloaded(long bytes) => _downloaded.Add(bytes);

    public void Removed(bool isOrphan) => _removed.Add(1, new KeyValuePair<string, object?>("reason", isOrphan ? "orphan" : "deleted"));

    public void Dispose() => _meter.Dispose();
}
