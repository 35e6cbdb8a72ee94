using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Platform.CoreApi.Resources;

namespace Platform.CoreApi.Caching;

/// <summary>
/// Reads single resources. While this process is the only one, from its memory; beside others, from Redis where there is one, else from
/// the database: an answer is never older than the last write that was acknowledged, whoever wrote and wherever it is read.
/// </summary>
internal sealed class ResourceCache
{
    private readonly ConcurrentDictionary<Guid, ResourceShelf> _shelves = new();
    private readonly CoreDatabase _database;
    private readonly SoleInstance _instance;
    private readonly ISharedResources? _shared;
    private readonly CacheOptions _options;
    private readonly CacheTelemetry _telemetry;
    private readonly Func<bool> _mayHold;
    private readonly Action<long> _resized;
    private long _bytes;
    private int _sweeping;

    public ResourceCache(CoreDatabase database, SoleInstance instance, IOptions<CacheOptions> options, CacheTelemetry telemetry, ISharedResources? shared = null)
    {
        (_database, _instance, _shared, _options, _telemetry) = (database, instance, shared, options.Value, telemetry);
        _mayHold = () => _options.MaxBytes > 0 && _instance.IsAlone;
        _resized = by => Interlocked.Add(ref _bytes, by);
        telemetry.Observe(() => Bytes);
        instance.Joined += Clear;
    }

    /// <summary>Bytes held in memory.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>The current version; null when it is not there, deleted or another tenant's.</summary>
    public ValueTask<CachedResource?> FindAsync(Guid tenant, Guid id, CancellationToken cancellationToken)
    {
        var shelf = Shelf(tenant);
        if (_instance.IsAlone && shelf.Find(id) is { } held)
        {
            _telemetry.Hit();
            return new(held);
        }

        _telemetry.Miss();
        if (Bytes > _options.MaxBytes)
        {
            Sweep();
        }

        // The look is everybody's who asked, so nobody's hanging up ends it.
        return new(shelf.LoadAsync(id, _mayHold, () => ReadAsync(tenant, id)).WaitAsync(cancellationToken));
    }

    /// <summary>Before a write of these resources; disposed when the write is over, whatever came of it.</summary>
    public async ValueTask<WriteFence> FenceAsync(Guid tenant, IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken)
    {
        var shelf = Shelf(tenant);
        shelf.Fence(ids);
        try
        {
            var mark = _shared is null ? null : await _shared.FenceAsync(tenant, ids, cancellationToken);
            return new(shelf, _shared, mark, tenant, ids);
        }
        catch
        {
            shelf.Release(ids);
            throw;
        }
    }

    /// <summary>An event says that there is this version: for a commit whose answer never came back to its writer.</summary>
    public void Heard(Guid tenant, Guid id, long version)
    {
        if (_shelves.TryGetValue(tenant, out var shelf))
        {
            shelf.Heard(id, version);
        }
    }

    private void Clear()
    {
        foreach (var shelf in _shelves.Values)
        {
            shelf.Clear();
        }
    }

    private ResourceShelf Shelf(Guid tenant) =>
        _shelves.TryGetValue(tenant, out var shelf) ? shelf : _shelves.GetOrAdd(tenant, _ => new(_options.MaxBytesPerTenant, _resized));

    private async Task<CachedResource?> ReadAsync(Guid tenant, Guid id)
    {
        if (_shared is null || _instance.IsAlone)
        {
            return await FromDatabaseAsync(tenant, id);
        }

        return await _shared.ReadThroughAsync(tenant, id, () => FromDatabaseAsync(tenant, id));
    }

    private async Task<CachedResource?> FromDatabaseAsync(Guid tenant, Guid id) =>
        await ResourceRows.FindAsync(_database, tenant, id, CancellationToken.None) is { } resource ? CachedResource.Of(resource) : null;

    /// <summary>
    /// Makes room: tenants that nobody reads give everything, the others their older half, until a tenth is free. One at a time; who
    /// comes meanwhile does not wait.
    /// </summary>
    private void Sweep()
    {
        if (Interlocked.Exchange(ref _sweeping, 1) == 1)
        {
            return;
        }

        foreach (var shelf in _shelves.Values)
        {
            if (Bytes <= _options.MaxBytes / 10 * 9)
            {
                break;
            }

            if (shelf.IsTouched)
            {
                shelf.IsTouched = false;
                shelf.DropOld();
            }
            else
            {
                shelf.Clear();
            }
        }

        Volatile.Write(ref _sweeping, 0);
    }
}
