using System.Text.Json;
using Npgsql;
using Platform.Contracts.Identifiers;

namespace Platform.Analytics.Search.Postgres;

/// <summary>Search in the service's own database: full text over tsvectors that are built here, in the consumer's transaction.</summary>
internal sealed class PostgresSearchIndex(AnalyticsDatabase database) : ISearchIndex
{
    private readonly PostgresSearch _search = new(database);
    private readonly string _schema = database.Schema;

    public string Engine => "postgresql";

    public async Task ApplyAsync(IReadOnlyList<SearchDocument> changes, NpgsqlConnection transaction, CancellationToken cancellationToken)
    {
        // A statement may touch a row once: the newest state of each resource, each event once.
        var resources = changes.Where(c => c.Kind == SearchKind.Resource).GroupBy(c => (c.Tenant, c.Id))
            .Select(g => g.OrderBy(c => c.Version).ThenBy(c => c.Deleted).Last()).ToArray();
        var events = changes.Where(c => c.Kind == SearchKind.Event && !c.Deleted).DistinctBy(c => (c.Tenant, c.Id)).ToArray();
        await using var batch = new NpgsqlBatch(transaction);
        if (resources.Length > 0)
        {
            batch.BatchCommands.Add(PutResources(resources));
        }

        if (events.Length > 0)
        {
            batch.BatchCommands.Add(PutEvents(events));
        }

        var words = Vocabulary.Of(changes);
        if (words.Count > 0)
        {
            batch.BatchCommands.Add(Vocabulary.Put(_schema, words));
        }

        if (batch.BatchCommands.Count > 0)
        {
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    public Task<SearchPage> QueryAsync(SearchQuery query, CancellationToken cancellationToken) => _search.QueryAsync(query, cancellationToken);

    public Task<IReadOnlyList<Suggestion>> SuggestAsync(Guid tenant, string prefix, int limit, CancellationToken cancellationToken) =>
        Vocabulary.SuggestAsync(database, tenant, prefix, limit, cancellationToken);

    /// <summary>Newer versions alone; a deletion leaves its version and nothing else.</summary>
    private NpgsqlBatchCommand PutResources(SearchDocument[] documents) =>
        new($"""
            INSERT INTO {_schema}.search_resource AS r
                (tenant_id, id, version, type, labels, source, body, terms, created_at, updated_at, deleted_at)
            SELECT tenant_id, id, version, type, labels::jsonb, source, body, terms::tsvector, created_at, updated_at,
                CASE WHEN deleted THEN now() END
            FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                    $9::timestamptz[], $10::timestamptz[], $11::boolean[])
                AS c(tenant_id, id, version, type, labels, source, body, terms, created_at, updated_at, deleted)
            ORDER BY tenant_id, id
            ON CONFLICT (tenant_id, id) DO UPDATE SET
                version = excluded.version, type = excluded.type, labels = excluded.labels, source = excluded.source, body = excluded.body,
                terms = excluded.terms, created_at = excluded.created_at, updated_at = excluded.updated_at, deleted_at = excluded.deleted_at
            WHERE r.version < excluded.version
                OR (r.version = excluded.version AND r.deleted_at IS NULL AND excluded.deleted_at IS NOT NULL)
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid[]> { TypedValue = Array.ConvertAll(documents, d => d.Tenant) },
                new NpgsqlParameter<Guid[]> { TypedValue = Array.ConvertAll(documents, d => d.Id) },
                new NpgsqlParameter<long[]> { TypedValue = Array.ConvertAll(documents, d => d.Version) },
                new NpgsqlParameter<string[]> { TypedValue = Array.ConvertAll(documents, d => d.Type) },
                new NpgsqlParameter<string[]> { TypedValue = Array.ConvertAll(documents, Labels) },
                new NpgsqlParameter<string?[]> { TypedValue = Array.ConvertAll(documents, d => d.Deleted ? null : d.Source) },
                new NpgsqlParameter<string[]> { TypedValue = Array.ConvertAll(documents, d => d.Deleted ? "" : d.Body) },
                new NpgsqlParameter<string[]> { TypedValue = Array.ConvertAll(documents, d => d.Deleted ? "" : Lexemes.Vector(d, TypeId.Format(IdPrefix.Resource, d.Id))) },
                new NpgsqlParameter<DateTime[]> { TypedValue = Array.ConvertAll(documents, d => d.CreatedAt.UtcDateTime) },
                new NpgsqlParameter<DateTime[]> { TypedValue = Array.ConvertAll(documents, d => d.UpdatedAt.UtcDateTime) },
                new NpgsqlParameter<bool[]> { TypedValue = Array.ConvertAll(documents, d => d.Deleted) },
            },
        };

    private NpgsqlBatchCommand PutEvents(SearchDocument[] documents) =>
        new($"""
            INSERT INTO {_schema}.search_event (tenant_id, id, type, subject, labels, source, body, terms, occurred_at)
            SELECT tenant_id, id, type, subject, labels::jsonb, source, body, terms::tsvector, occurred_at
            FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[])
                AS c(tenant_id, id, type, subject, labels, source, body, terms, occurred_at)
            ORDER BY tenant_id, id
            ON CONFLICT (tenant_id, id) DO NOTHING
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid[]> { TypedValue = Array.ConvertAll(documents, d => d.Tenant) },
                new NpgsqlParameter<Guid[]> { TypedValue = Array.ConvertAll(documents, d => d.Id) },
                new NpgsqlParameter<string[]> { TypedValue = Array.ConvertAll(documents, d => d.Type) },
                new NpgsqlParameter<string[]> { TypedValue = Array.ConvertAll(documents, d => d.Subject) },
                new NpgsqlParameter<string[]> { TypedValue = Array.ConvertAll(documents, Labels) },
                new NpgsqlParameter<string?[]> { TypedValue = Array.ConvertAll(documents, d => d.Source) },
                new NpgsqlParameter<string[]> { TypedValue = Array.ConvertAll(documents, d => d.Body) },
                new NpgsqlParameter<string[]> { TypedValue = Array.ConvertAll(documents, d => Lexemes.Vector(d, TypeId.Format(IdPrefix.Event, d.Id))) },
                new NpgsqlParameter<DateTime[]> { TypedValue = Array.ConvertAll(documents, d => d.UpdatedAt.UtcDateTime) },
            },
        };

    private static string Labels(SearchDocument document) => document.Labels.Count == 0 ? "{}" : JsonSerializer.Serialize(document.Labels);
}
