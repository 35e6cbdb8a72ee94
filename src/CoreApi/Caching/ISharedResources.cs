using Platform.CoreApi.Resources;

namespace Platform.CoreApi.Caching;

/// <summary>What several instances hold together. A failure of it is never a failure of a read or a write: both go on without it.</summary>
internal interface ISharedResources
{
    /// <summary>The shared answer, else <paramref name="read"/>'s, which is shared then unless a write is under way.</summary>
    Task<CachedResource?> ReadThroughAsync(Guid tenant, Guid id, Func<Task<CachedResource?>> read);

    /// <summary>Before a write commits: nobody answers from what is shared of these, nor shares what they read of them.</summary>
    /// <returns>This write's mark; null where it could not be set everywhere.</returns>
    Task<string?> FenceAsync(Guid tenant, IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken);

    /// <summary>After the commit: these are the versions, unless another write has set its mark since.</summary>
    Task ShareAsync(Guid tenant, string mark, IReadOnlyCollection<Resource> resources);
}
