namespace Platform.CoreApi.Files.Objects;

/// <summary>
/// Where the contents of files are. A key is an id and nothing else, so that no key can name a place outside the store; it is written once,
/// read often and deleted. Which one it is says the configuration; nobody else knows.
/// </summary>
internal interface IObjectStore
{
    /// <summary>For logs: where it is, without secrets.</summary>
    string Name { get; }

    /// <summary>Writes <paramref name="content"/> to its end. When it returns, the object is durable and whole; when it throws, nothing can be read.</summary>
    /// <param name="key">Never used before.</param>
    /// <param name="content">What it throws comes out as it is.</param>
    /// <exception cref="ObjectStoreException">The store does not do its part.</exception>
    Task WriteAsync(Guid key, Stream content, CancellationToken cancellationToken);

    /// <summary>The object's bytes from <paramref name="offset"/> on; null where there is no such object.</summary>
    /// <param name="length">How many bytes will be read; the stream may hold more. More than zero.</param>
    /// <exception cref="ObjectStoreException">The store does not do its part.</exception>
    Task<Stream?> OpenAsync(Guid key, long offset, long length, CancellationToken cancellationToken);

    /// <summary>Removes the object and what an interrupted write left of it. No such object is no failure.</summary>
    /// <exception cref="ObjectStoreException">The store does not do its part.</exception>
    Task DeleteAsync(Guid key, CancellationToken cancellationToken);

    /// <summary>Null when the store can be used, else the reason why not, for a person.</summary>
    Task<string?> WhyNotAsync(CancellationToken cancellationToken);

    /// <summary>A link to the object at the store itself; null where clients cannot reach the store.</summary>
    Uri? Link(Guid key, ObjectLink link);
}

/// <summary>What a link to an object says.</summary>
/// <param name="ExpiresAt">When it ends.</param>
/// <param name="ContentType">For the answer's <c>Content-Type</c>.</param>
/// <param name="Disposition">For the answer's <c>Content-Disposition</c>.</param>
internal sealed record ObjectLink(DateTimeOffset ExpiresAt, string ContentType, string Disposition);

/// <summary>The object store is away, full or refuses.</summary>
internal sealed class ObjectStoreException(string message, Exception inner) : Exception(message, inner);
