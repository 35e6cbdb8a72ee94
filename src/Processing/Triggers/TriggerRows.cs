using Npgsql;
using NpgsqlTypes;
using Platform.Processing.Jobs;
using Platform.ServiceDefaults.Idempotency;

namespace Platform.Processing.Triggers;

/// <summary>Triggers in their rows.</summary>
internal static class TriggerRows
{
    public static NpgsqlBatchCommand Insert(Guid tenant, Trigger trigger) => With(new($"""
        INSERT INTO processing.trigger (tenant_id, id, event_type, labels, paused, submitted_by, version, updated_at, {JobTemplate.Columns}, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $8)
        """), tenant, trigger);

    public static NpgsqlBatchCommand Update(Guid tenant, Trigger trigger) => With(new($"""
        UPDATE processing.trigger SET (event_type, labels, paused, submitted_by, version, updated_at, {JobTemplate.Columns})
            = ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
        WHERE tenant_id = $1 AND id = $2
        """), tenant, trigger);

    /// <summary>In a caller's transaction, the row locked until its end; null when it is not there or another tenant's.</summary>
    public static async Task<Trigger?> LockAsync(WriteTransaction transaction, Guid id, CancellationToken cancellationToken)
    {
        await using var select = transaction.Command(
            $"SELECT {Trigger.Columns} FROM processing.trigger WHERE tenant_id = $1 AND id = $2 FOR UPDATE", transaction.Tenant, id);
        await using var reader = await select.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Trigger.Read(reader) : null;
    }

    private static NpgsqlBatchCommand With(NpgsqlBatchCommand command, Guid tenant, Trigger trigger)
    {
        var settings = trigger.Settings;
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = trigger.Id });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = settings.EventType });
        command.Parameters.Add(new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = settings.Labels, NpgsqlDbType = NpgsqlDbType.Jsonb });
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = settings.Paused });
        command.Parameters.Add(new() { Value = (object?)trigger.SubmittedBy ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = trigger.Version });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = trigger.UpdatedAt });
        foreach (var parameter in settings.Job.Parameters())
        {
            command.Parameters.Add(parameter);
        }

        return command;
    }
}
