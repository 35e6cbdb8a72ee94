using Microsoft.Extensions.Options;
using Npgsql;
using Platform.CoreApi.Files.Objects;
using Platform.Eventing.Hosting;

namespace Platform.CoreApi.Files.Removal;

/// <summary>
/// Removes the objects that are due, some at a time. They are marked and that is committed before the first is touched: an upload that ends
/// just then finds the mark and does not commit. Whoever marked them has five minutes; after that another instance may do it again.
/// </summary>
internal sealed partial class ObjectRemovalWorker(
    CoreDatabase database, IObjectStore store, FilesMetrics metrics, IOptions<FilesOptions> options, TimeProvider clock, ILogger<ObjectRemovalWorker> logger)
    : PeriodicWorker(options.Value.RemovalInterval, clock)
{
    private const int Bite = 50;

    protected override bool RunsAtStart => true;

    public override async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        List<(Guid Tenant, Guid Key, bool IsOrphan)> taken;
        do
        {
            taken = await TakeAsync(cancellationToken);
            foreach (var (tenant, key, isOrphan) in taken)
            {
                await store.DeleteAsync(key, cancellationToken);
                await SettleAsync(tenant, key, cancellationToken);
                metrics.Removed(isOrphan);
            }

            if (taken.Count(t => t.IsOrphan) is > 0 and var orphans)
            {
                LogOrphans(orphans);
            }
        }
        while (taken.Count == Bite);
    }

    private async Task<List<(Guid Tenant, Guid Key, bool IsOrphan)>> TakeAsync(CancellationToken cancellationToken)
    {
        await using var command = database.System.CreateCommand($"""
            UPDATE core.object_removal SET removing = true, remove_after = now() + interval '5 minutes'
            WHERE (tenant_id, object_key) IN (
                SELECT tenant_id, object_key FROM core.object_removal WHERE remove_after <= now() ORDER BY remove_after LIMIT {Bite} FOR UPDATE SKIP LOCKED)
            RETURNING tenant_id, object_key, is_orphan
            """);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var taken = new List<(Guid, Guid, bool)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            taken.Add((reader.GetGuid(0), reader.GetGuid(1), reader.GetBoolean(2)));
        }

        return taken;
    }

    private async Task SettleAsync(Guid tenant, Guid key, CancellationToken cancellationToken)
    {
        await using var command = database.System.CreateCommand("DELETE FROM core.object_removal WHERE tenant_id = $1 AND object_key = $2");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = key });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    [LoggerMessage(4511, LogLevel.Information, "{Count} objects of uploads that came to nothing were removed")]
    private partial void LogOrphans(int count);

    [LoggerMessage(4512, LogLevel.Warning, "Removing objects without a file failed; it is tried again")]
    protected override partial void LogFailed(Exception exception);
}
