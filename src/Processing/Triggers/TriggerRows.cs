using Npgsql;
using NpgsqlTypes;
using Platform.Processing.Jobs;
using Platform.Processing.Workflows;
using Platform.ServiceDefaults.Idempotency;

namespace Platform.Processing.Triggers;

/// <summary>Triggers in their rows.</summary>
internal static class TriggerRows
{
    public const string Columns =
        $"id, event_type, labels, paused, submitted_by, version, created_at, updated_at, about_type, about_queue, workflow, {JobTemplate.Columns}";

    /// <summary>How many <see cref="Columns"/> there are.</summary>
    public const int ColumnCount = FirstOfJob + JobTemplate.ColumnCount;

    private const int FirstOfJob = 11;

    /// <summary>A row of <see cref="Columns"/>.</summary>
    public static Trigger Read(NpgsqlDataReader reader)
    {
        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
        var about = Text(8) is null && Text(9) is null ? null : new JobsMeant(Text(8), Text(9));
        return new(
            reader.GetGuid(0),
            new(reader.GetString(1), about, reader.GetFieldValue<byte[]>(2), reader.IsDBNull(FirstOfJob) ? null : JobTemplate.Read(reader, FirstOfJob),
                reader.IsDBNull(10) ? null : WorkflowTemplate.Parse(reader.GetFieldValue<byte[]>(10)), reader.GetBoolean(3)),
            reader.IsDBNull(4) ? null : reader.GetGuid(4), reader.GetInt64(5), reader.GetFieldValue<DateTimeOffset>(6), reader.GetFieldValue<DateTimeOffset>(7));
    }

    public static NpgsqlBatchCommand Insert(Guid tenant, Trigger trigger) => With(new($"""
        INSERT INTO processing.trigger
            (tenant_id, id, event_type, labels, paused, submitted_by, version, updated_at, about_type, about_queue, workflow, {JobTemplate.Columns}, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $8)
        """), tenant, trigger);

    public static NpgsqlBatchCommand Update(Guid tenant, Trigger trigger) => With(new($"""
        UPDATE processing.trigger SET (event_type, labels, paused, submitted_by, version, updated_at, about_type, about_queue, workflow, {JobTemplate.Columns})
            = ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
        WHERE tenant_id = $1 AND id = $2
        """), tenant, trigger);

    /// <summary>In a caller's transaction, the row locked until its end; null when it is not there or another tenant's.</summary>
    public static async Task<Trigger?> LockAsync(WriteTransaction transaction, Guid id, CancellationToken cancellationToken)
    {
        await using var select = transaction.Command(
            $"SELECT {Columns} FROM processing.trigger WHERE tenant_id = $1 AND id = $2 FOR UPDATE", transaction.Tenant, id);
        await using var reader = await select.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(reader) : null;
    }

    private static NpgsqlBatchCommand With(NpgsqlBatchCommand command, Guid tenant, Trigger trigger)
    {
        var settings = trigger.Settings;
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = trigger.Id });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = settings.EventType });
        command.Parameters.Add(new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = settings.Labels, NpgsqlDbType = NpgsqlDbType.Jsonb });
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = settings.Paused });
        command.Parameters.Add(Optional(trigger.SubmittedBy, NpgsqlDbType.Uuid));
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = trigger.Version });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = trigger.UpdatedAt });
        command.Parameters.Add(Optional(settings.About?.Type, NpgsqlDbType.Text));
        command.Parameters.Add(Optional(settings.About?.Queue, NpgsqlDbType.Text));
        command.Parameters.Add(Optional(settings.Workflow?.ToJson(), NpgsqlDbType.Json));
        foreach (var parameter in JobTemplate.Parameters(settings.Job))
        {
            command.Parameters.Add(parameter);
        }

        return command;
    }

    private static NpgsqlParameter Optional(object? value, NpgsqlDbType type) => new() { Value = value ?? DBNull.Value, NpgsqlDbType = type };
}
