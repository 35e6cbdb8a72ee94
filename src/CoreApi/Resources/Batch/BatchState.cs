using Npgsql;
using Platform.ServiceDefaults.Idempotency;

namespace Platform.CoreApi.Resources;

/// <summary>
/// What a batch starts from: the current versions, locked in the order of their ids, so that two batches never wait for each other in a
/// circle, and the versions that it restores. Read in one round trip. Follows along as operations make new versions.
/// </summary>
internal sealed class BatchState
{
    private readonly Dictionary<Guid, Resource> _current = [];
    private readonly Dictionary<(Guid, long), HistoryVersion> _versions = [];

    /// <summary>Bytes of data that were read and made: a batch of small patches can touch large resources.</summary>
    public long Bytes { get; private set; }

    public Resource? Current(Guid id) => _current.GetValueOrDefault(id);

    public HistoryVersion? Version(Guid id, long number) => _versions.GetValueOrDefault((id, number));

    /// <summary>The types of the resources that are there.</summary>
    public IEnumerable<string> Types => _current.Values.Select(r => r.Type);

    public static async Task<BatchState> ReadAsync(
        WriteTransaction transaction, IReadOnlyList<BatchOperation> operations, long maxBytes, CancellationToken cancellationToken)
    {
        var state = new BatchState();
        var changes = operations.Where(o => o.Fault is null && o.Kind != ChangeKind.Created).ToArray();
        if (changes.Length == 0)
        {
            return state;
        }

        await using var batch = new NpgsqlBatch(transaction.Connection);
        batch.BatchCommands.Add(Lock(transaction.Tenant, changes.Select(o => o.Id).Distinct().ToArray()));
        batch.BatchCommands.Add(Versions(transaction.Tenant, changes.Where(o => o.Kind == ChangeKind.Restored).ToArray()));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        while (state.Bytes <= maxBytes && await reader.ReadAsync(cancellationToken))
        {
            state.Put(ResourceRows.Read(reader));
            state.Put(reader.GetGuid(0), new HistoryVersion(reader.GetInt64(4), reader.GetString(8), reader.GetFieldValue<byte[]>(2),
                ResourceRows.Labels(reader.GetFieldValue<byte[]>(3)), reader.GetFieldValue<DateTimeOffset>(6), ""));
        }

        await reader.NextResultAsync(cancellationToken);
        while (state.Bytes <= maxBytes && await reader.ReadAsync(cancellationToken))
        {
            var version = HistoryVersion.Read(reader);
            state.Bytes += version.Data.Length;
            state.Put(reader.GetGuid(6), version);
        }

        return state;
    }

    /// <summary>A version that an operation made: later operations of the batch start from it.</summary>
    public void Put(ResourceVersion made)
    {
        Put(made.Resource with { DeletedAt = made.IsDeletion ? made.Resource.UpdatedAt : null });
        Put(made.Resource.Id, new HistoryVersion(
            made.Resource.Version, made.Kind.Name, made.Resource.Data, made.Resource.Labels, made.Resource.UpdatedAt, ""));
    }

    private void Put(Resource resource)
    {
        _current[resource.Id] = resource;
        Bytes += resource.Data.Length;
    }

    private void Put(Guid id, HistoryVersion version) => _versions[(id, version.Number)] = version;

    private static NpgsqlBatchCommand Lock(Guid tenant, Guid[] ids) =>
        new($"""
            SELECT {ResourceRows.Columns}, {ChangeKind.OfCurrent} FROM core.resource WHERE tenant_id = $1 AND id = ANY ($2)
            ORDER BY id FOR UPDATE
            """)
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = tenant }, new NpgsqlParameter<Guid[]> { TypedValue = ids } },
        };

    private static NpgsqlBatchCommand Versions(Guid tenant, BatchOperation[] restores) =>
        new($"""
            SELECT h.version, {ChangeKind.OfEarlier.Replace("version", "h.version", StringComparison.Ordinal)}, data, labels, updated_at, updated_by, h.id
            FROM core.resource_history h JOIN (SELECT DISTINCT * FROM unnest($2, $3) AS w(id, version)) w ON h.id = w.id AND h.version = w.version
            WHERE h.tenant_id = $1
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = tenant },
                new NpgsqlParameter<Guid[]> { TypedValue = Array.ConvertAll(restores, r => r.Id) },
                new NpgsqlParameter<long[]> { TypedValue = Array.ConvertAll(restores, r => (long)r.Version) },
            },
        };
}
