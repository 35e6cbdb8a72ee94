using Microsoft.Extensions.Options;
using Npgsql;
using Platform.ServiceDefaults.Idempotency;

namespace Platform.CoreApi.Files.Removal;

/// <summary>
/// Every object that has no file is written down before it is there: an upload first writes down that its object is to be removed after a while,
/// and the transaction that inserts the file takes that back. So a crash at any moment leaves at most an object that is known and due, and
/// the store need never be searched for what nobody knows.
/// </summary>
internal sealed class ObjectRemovals(CoreDatabase database, IOptions<FilesOptions> options)
{
    /// <summary>Writes down an upload. False when the organization stores so much that <paramref name="bytes"/> more are too many.</summary>
    /// <param name="key">Of the object that will be written.</param>
    /// <param name="bytes">What will surely come; 0 when it is not known.</param>
    public async Task<bool> ExpectAsync(Guid tenant, Guid key, long bytes, long maxTotal, CancellationToken cancellationToken)
    {
        await using var connection = await database.Requests.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(TenantScope.Set(tenant));
        batch.BatchCommands.Add(new("""
            INSERT INTO core.object_removal (tenant_id, object_key, remove_after, is_orphan)
            SELECT $1, $2, now() + $3, true
            WHERE $4 <= $5 AND NOT EXISTS (SELECT FROM core.file_usage WHERE tenant_id = $1 AND bytes + $4 > $5)
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = tenant }, new NpgsqlParameter<Guid> { TypedValue = key },
                new NpgsqlParameter<TimeSpan> { TypedValue = options.Value.OrphanGrace }, new NpgsqlParameter<long> { TypedValue = bytes },
                new NpgsqlParameter<long> { TypedValue = maxTotal },
            },
        });
        return await batch.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    /// <summary>An upload still runs. False when its object is being removed.</summary>
    public async Task<bool> RenewAsync(Guid key, CancellationToken cancellationToken)
    {
        await using var command = database.System.CreateCommand(
            "UPDATE core.object_removal SET remove_after = now() + $2 WHERE object_key = $1 AND NOT removing");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = key });
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = options.Value.OrphanGrace });
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    /// <summary>The object has a file, or is gone. Changes no row when it is being removed.</summary>
    public static NpgsqlBatchCommand Forget(Guid tenant, Guid key) =>
        new("DELETE FROM core.object_removal WHERE tenant_id = $1 AND object_key = $2 AND NOT removing")
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = tenant }, new NpgsqlParameter<Guid> { TypedValue = key } },
        };

    /// <summary>The object's file is being deleted: it goes as soon as that is committed.</summary>
    public static NpgsqlBatchCommand Demand(Guid tenant, Guid key) =>
        new("INSERT INTO core.object_removal (tenant_id, object_key, remove_after, is_orphan) VALUES ($1, $2, now(), false)")
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = tenant }, new NpgsqlParameter<Guid> { TypedValue = key } },
        };

    /// <summary>An upload came to nothing: its object is due.</summary>
    public async Task HastenAsync(Guid key, CancellationToken cancellationToken)
    {
        await using var command = database.System.CreateCommand("UPDATE core.object_removal SET remove_after = now() WHERE object_key = $1 AND NOT removing");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = key });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
