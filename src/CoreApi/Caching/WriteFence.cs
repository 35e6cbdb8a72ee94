using Platform.CoreApi.Resources;

namespace Platform.CoreApi.Caching;

/// <summary>Keeps reads away from what is held of resources while they are written.</summary>
internal sealed class WriteFence(ResourceShelf shelf, ISharedResources? shared, string? mark, Guid tenant, IReadOnlyCollection<Guid> ids) : IAsyncDisposable
{
    private List<Resource>? _committed;

    /// <summary>What the write made, to be shared when it is over; not called for what was deleted or may not have been committed.</summary>
    public void Committed(Resource resource) => (_committed ??= []).Add(resource);

    public async ValueTask DisposeAsync()
    {
        shelf.Release(ids);
        if (shared is null)
        {
            return;
        }

        // What was deleted, or may not have been committed, is marked anew: another write may have replaced the mark by its version.
        var others = ids.Except(_committed?.Select(r => r.Id) ?? []).ToArray();
        if (others.Length > 0)
        {
            await shared.FenceAsync(tenant, others, CancellationToken.None);
        }

        if (mark is not null && _committed is not null)
        {
            await shared.ShareAsync(tenant, mark, _committed);
        }
    }
}
