using Npgsql;

namespace Platform.Analytics.Search;

/// <summary>
/// Where documents are found. One implementation per engine, and one conformance suite that all of them pass. Words are cut
/// (<see cref="Words"/>), queries parsed (<see cref="SearchText"/>) and hits highlighted (<see cref="Highlight"/>) outside, so that
/// every engine answers alike.
/// </summary>
internal interface ISearchIndex
{
    /// <summary>Name of the engine, for logs and metrics.</summary>
    string Engine { get; }

    /// <summary>
    /// Puts documents in and takes deleted ones out. An older version never replaces a newer one, and a document that was deleted
    /// does not come back with an older version, so applying the same changes again, in whatever order, changes nothing.
    /// </summary>
    /// <param name="changes">In any order, an id any number of times.</param>
    /// <param name="transaction">The consumer's connection, in its open transaction. An engine in the same database works in it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task ApplyAsync(IReadOnlyList<SearchDocument> changes, NpgsqlConnection transaction, CancellationToken cancellationToken);

    /// <summary>One page, best first, and of equally good ones the most recent first.</summary>
    Task<SearchPage> QueryAsync(SearchQuery query, CancellationToken cancellationToken);

    /// <summary>Words, types and labels of the tenant's resources that begin with <paramref name="prefix"/>, in alphabetical order.</summary>
    Task<IReadOnlyList<Suggestion>> SuggestAsync(Guid tenant, string prefix, int limit, CancellationToken cancellationToken);
}

/// <summary>What a document tells about.</summary>
internal enum SearchKind
{
    Resource = 0,
    Event = 1,
}

/// <summary>A document, or the news that it is gone.</summary>
internal sealed record SearchDocument
{
    public required Guid Tenant { get; init; }
    public required SearchKind Kind { get; init; }
    public required Guid Id { get; init; }

    /// <summary>Grows with each change of a resource; events do not change.</summary>
    public required long Version { get; init; }
    public bool Deleted { get; init; }
    public required string Type { get; init; }

    /// <summary>What an event is about; empty for a resource.</summary>
    public string Subject { get; init; } = "";
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The texts of the data, a line each.</summary>
    public required string Body { get; init; }

    /// <summary>The data as JSON, to be shown; null where it is too long for a list.</summary>
    public string? Source { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }
}

/// <summary>What is looked for.</summary>
/// <param name="Text">Null for everything that passes the filters, most recent first.</param>
internal sealed record SearchQuery(
    Guid Tenant, IReadOnlyList<SearchKind> Kinds, SearchText? Text, string? Type, IReadOnlyList<KeyValuePair<string, string>> Labels, int Limit)
{
    /// <summary>The last hit of the page before.</summary>
    public SearchPosition? After { get; init; }
}

/// <summary>The place of a hit in the order of its query.</summary>
/// <param name="Fuzzy">The query was answered for similar words, because its own words are nowhere.</param>
internal sealed record SearchPosition(float Score, DateTimeOffset UpdatedAt, Guid Id, bool Fuzzy);

/// <param name="Text">What was searched for in the end, which may be similar words.</param>
internal sealed record SearchPage(IReadOnlyList<SearchHit> Hits, bool HasMore, SearchText? Text, bool Fuzzy);

internal sealed record SearchHit(SearchDocument Document, float Score);

/// <param name="Kind">word, type or label.</param>
internal sealed record Suggestion(string Kind, string Text);
