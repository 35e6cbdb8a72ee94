using System.Text;
using Npgsql;
using NpgsqlTypes;
using Platform.Contracts.Events;
using Platform.Eventing.Outbox;
using Platform.ServiceDefaults.Idempotency;

namespace Platform.CoreApi.Resources;

/// <summary>
/// Writes versions, one or a thousand, in the commit's round trip: a statement for each table, whatever the number. The rows of what
/// changes are locked and read before.
/// </summary>
internal static class ResourceWriter
{
    /// <param name="versions">In the order in which they were made; several of one resource may follow each other.</param>
    public static void Add(WriteTransaction transaction, IReadOnlyList<ResourceVersion> versions, string actor, TimeProvider clock)
    {
        var created = versions.Where(v => v.IsCreation).ToArray();
        var changed = versions.Where(v => !v.IsCreation).ToArray();

        // The last of each resource is its row; the others were never current outside of this transaction and are history at once.
        var last = changed.GroupBy(v => v.Resource.Id).Select(g => g.Last()).ToArray();
        var between = changed.Except(last).ToArray();
        var tenant = transaction.Tenant;
        if (created.Length > 0)
        {
            transaction.Add(Insert(tenant, created, actor));
        }

        if (last.Length > 0)
        {
            transaction.Add(KeepOldVersions(tenant, last));
            transaction.Add(Update(tenant, last, actor));
        }

        if (between.Length > 0)
        {
            transaction.Add(InsertHistory(tenant, between, actor));
        }

        var counts = versions.GroupBy(v => v.Resource.Type, StringComparer.Ordinal)
            .Select(g => (Type: g.Key, Delta: g.Sum(v => (long)v.CountDelta))).Where(c => c.Delta != 0).ToArray();
        if (counts.Length > 0)
        {
            transaction.Add(Count(tenant, counts));
        }

        foreach (var version in versions)
        {
            transaction.Publish(OutboxMessage.FromJson(
                version.Kind.EventType, Topics.Core, Resource.Source, tenant, version.Resource.PublicId, version.Document, clock));
        }
    }

    private static NpgsqlBatchCommand Insert(Guid tenant, ResourceVersion[] versions, string actor) =>
        Bind(new("""
            INSERT INTO core.resource (tenant_id, id, type, data, labels, version, created_at, updated_at, updated_by)
            SELECT $1, v.id, v.type, v.data::json, v.labels::jsonb, v.version, v.updated_at, v.updated_at, $2
            FROM unnest($3, $4, $5, $6, $7, $8) AS v(id, data, labels, version, updated_at, type)
            """), tenant, versions, actor, Types(versions));

    private static NpgsqlBatchCommand KeepOldVersions(Guid tenant, ResourceVersion[] versions) =>
        new($"""
            INSERT INTO core.resource_history (tenant_id, id, version, data, labels, updated_at, updated_by, change)
            SELECT tenant_id, id, version, data, labels, updated_at, updated_by, {ChangeKind.OfCurrent}
            FROM core.resource WHERE tenant_id = $1 AND id = ANY ($2)
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = tenant },
                new NpgsqlParameter<Guid[]> { TypedValue = Array.ConvertAll(versions, v => v.Resource.Id) },
            },
        };

    private static NpgsqlBatchCommand Update(Guid tenant, ResourceVersion[] versions, string actor) =>
        Bind(new("""
            UPDATE core.resource r SET data = v.data::json, labels = v.labels::jsonb, version = v.version, updated_at = v.updated_at,
                updated_by = $2, change = v.change, deleted_at = CASE WHEN v.change = 'deleted' THEN v.updated_at END
            FROM unnest($3, $4, $5, $6, $7, $8) AS v(id, data, labels, version, updated_at, change)
            WHERE r.tenant_id = $1 AND r.id = v.id
            """), tenant, versions, actor, Kinds(versions));

    private static NpgsqlBatchCommand InsertHistory(Guid tenant, ResourceVersion[] versions, string actor) =>
        Bind(new("""
            INSERT INTO core.resource_history (tenant_id, id, version, data, labels, updated_at, updated_by, change)
            SELECT $1, v.id, v.version, v.data::json, v.labels::jsonb, v.updated_at, $2, v.change
            FROM unnest($3, $4, $5, $6, $7, $8) AS v(id, data, labels, version, updated_at, change)
            """), tenant, versions, actor, Kinds(versions));

    private static NpgsqlBatchCommand Count(Guid tenant, (string Type, long Delta)[] counts) =>
        new("INSERT INTO core.resource_count_delta (tenant_id, type, delta) SELECT $1, c.type, c.delta FROM unnest($2, $3) AS c(type, delta)")
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = tenant },
                new NpgsqlParameter<string[]> { TypedValue = Array.ConvertAll(counts, c => c.Type) },
                new NpgsqlParameter<long[]> { TypedValue = Array.ConvertAll(counts, c => c.Delta) },
            },
        };

    private static NpgsqlBatchCommand Bind(NpgsqlBatchCommand command, Guid tenant, ResourceVersion[] versions, string actor, string[] texts)
    {
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = actor });
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = Array.ConvertAll(versions, v => v.Resource.Id) });
        command.Parameters.Add(Texts(versions, v => Encoding.UTF8.GetString(v.Resource.Data.Span)));
        command.Parameters.Add(Texts(versions, v => Encoding.UTF8.GetString(v.Resource.Labels.Span)));
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = Array.ConvertAll(versions, v => v.Resource.Version) });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset[]> { TypedValue = Array.ConvertAll(versions, v => v.Resource.UpdatedAt) });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = texts });
        return command;
    }

    private static NpgsqlParameter<string[]> Texts(ResourceVersion[] versions, Converter<ResourceVersion, string> text) =>
        new() { TypedValue = Array.ConvertAll(versions, text), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };

    private static string[] Kinds(ResourceVersion[] versions) => Array.ConvertAll(versions, v => v.Kind.Name);

    private static string[] Types(ResourceVersion[] versions) => Array.ConvertAll(versions, v => v.Resource.Type);
}
