using Platform.CoreApi.Resources;
using Platform.ServiceDefaults.Requests;

namespace Platform.CoreApi.Caching;

/// <summary>The current version of a resource as a read answers it.</summary>
/// <param name="Version">Its version.</param>
/// <param name="Document">The whole document, UTF-8.</param>
internal sealed record CachedResource(long Version, ReadOnlyMemory<byte> Document)
{
    /// <summary>What an entry costs beside its document: key, tag, nodes.</summary>
    private const int Overhead = 320;

    public string EntityTag { get; } = ETag.Of(Version);

    /// <summary>Bytes that it counts for.</summary>
    public int Size => Document.Length + Overhead;

    public static CachedResource Of(Resource resource) => new(resource.Version, resource.ToJson());
}
