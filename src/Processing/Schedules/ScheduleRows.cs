using Npgsql;
using NpgsqlTypes;
using Platform.Processing.Jobs;
using Platform.ServiceDefaults.Idempotency;

namespace Platform.Processing.Schedules;

/// <summary>Schedules in their rows.</summary>
internal static class ScheduleRows
{
    public const string Columns = $"""
        id, name, cron, time_zone, missed, overlap, paused, starts_at, ends_at, submitted_by, version, created_at, updated_at, next_at, last_at,
        last_skipped_at, last_job_id, {JobTemplate.Columns}
        """;

    /// <summary>How many <see cref="Columns"/> there are.</summary>
    public const int ColumnCount = FirstOfJob + JobTemplate.ColumnCount;

    private const int FirstOfJob = 17;

    /// <summary>A row of <see cref="Columns"/>.</summary>
    public static Schedule Read(NpgsqlDataReader reader)
    {
        T? Get<T>(int column)
            where T : struct => reader.IsDBNull(column) ? null : reader.GetFieldValue<T>(column);
        return new(
            reader.GetGuid(0),
            new(reader.GetString(1), reader.GetString(2), reader.GetString(3), JobTemplate.Read(reader, FirstOfJob), reader.GetString(4), reader.GetString(5),
                reader.GetBoolean(6), Get<DateTimeOffset>(7), Get<DateTimeOffset>(8)),
            Get<Guid>(9), reader.GetInt64(10), reader.GetFieldValue<DateTimeOffset>(11), reader.GetFieldValue<DateTimeOffset>(12),
            Get<DateTimeOffset>(13), Get<DateTimeOffset>(14), Get<DateTimeOffset>(15), Get<Guid>(16));
    }

    /// <summary>In order of creation.</summary>
    /// <param name="condition">Of <c>id</c> and <c>$2</c>.</param>
    public static Task<List<Schedule>> SelectAsync(
        ProcessingDatabase database, Guid tenant, string condition, Guid id, int limit, CancellationToken cancellationToken) =>
        TenantRead.ListAsync(database, tenant, new($"SELECT {Columns} FROM processing.schedule WHERE tenant_id = $1 AND {condition} ORDER BY id LIMIT $3")
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = tenant },
                new NpgsqlParameter<Guid> { TypedValue = id },
                new NpgsqlParameter<int> { TypedValue = limit },
            },
        }, Read, cancellationToken);

    /// <summary>In a caller's transaction, the row locked until its end; null when it is not there or another tenant's.</summary>
    public static async Task<Schedule?> LockAsync(WriteTransaction transaction, Guid id, CancellationToken cancellationToken)
    {
        await using var select = transaction.Command(
            $"SELECT {Columns} FROM processing.schedule WHERE tenant_id = $1 AND id = $2 FOR UPDATE", transaction.Tenant, id);
        await using var reader = await select.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(reader) : null;
    }

    public static NpgsqlBatchCommand Insert(Guid tenant, Schedule schedule) => With(new($"""
        INSERT INTO processing.schedule (tenant_id, id, name, cron, time_zone, missed, overlap, paused, starts_at, ends_at, submitted_by, version, updated_at,
            next_at, {JobTemplate.Columns}, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $13)
        """), tenant, schedule);

    /// <summary>What a caller set, and the next run; what has run already stays.</summary>
    public static NpgsqlBatchCommand Update(Guid tenant, Schedule schedule) => With(new($"""
        UPDATE processing.schedule SET (name, cron, time_zone, missed, overlap, paused, starts_at, ends_at, submitted_by, version, updated_at,
            next_at, {JobTemplate.Columns})
            = ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
        WHERE tenant_id = $1 AND id = $2
        """), tenant, schedule);

    private static NpgsqlBatchCommand With(NpgsqlBatchCommand command, Guid tenant, Schedule schedule)
    {
        var settings = schedule.Settings;
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = schedule.Id });
        foreach (var text in new[] { settings.Name, settings.Cron, settings.TimeZone, settings.Missed, settings.Overlap })
        {
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = text });
        }

        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = settings.Paused });
        command.Parameters.Add(Time(settings.StartsAt));
        command.Parameters.Add(Time(settings.EndsAt));
        command.Parameters.Add(new() { Value = (object?)schedule.SubmittedBy ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = schedule.Version });
        command.Parameters.Add(Time(schedule.UpdatedAt));
        command.Parameters.Add(Time(schedule.NextAt));
        foreach (var parameter in JobTemplate.Parameters(settings.Job))
        {
            command.Parameters.Add(parameter);
        }

        return command;
    }

    private static NpgsqlParameter Time(DateTimeOffset? time) =>
        new() { Value = (object?)time ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz };
}
