using System.Diagnostics;
using Npgsql;
using NpgsqlTypes;
using Platform.Contracts.Events;
using Platform.Eventing.Outbox;
using Platform.Eventing.WorkQueues;
using Platform.ServiceDefaults.Idempotency;

namespace Platform.Processing.Jobs;

/// <summary>Jobs in their rows.</summary>
internal static class JobRows
{
    /// <summary>Of <c>job j</c> and, where it is alive, <c>work_item w</c>.</summary>
    public const string Columns = """
        j.id, j.queue, j.type, j.payload, j.priority, j.max_attempts, j.timeout_seconds, j.unique_key, j.trigger_id, j.created_at,
        j.outcome, w.state, coalesce(w.attempt, j.attempt), coalesce(w.run_at, j.run_at), j.result, j.error, j.errors,
        j.started_at, j.finished_at, j.duration_ms, j.schedule_id, j.workflow_id, j.step, j.submitted_by
        """;

    private const string From = "processing.job j LEFT JOIN processing.work_item w ON w.tenant_id = j.tenant_id AND w.id = j.id";

    /// <summary>Adds a new job: its row, its place in the queue, and its event.</summary>
    public static void Insert(NpgsqlBatch batch, Guid tenant, Job job, TimeProvider clock)
    {
        batch.BatchCommands.Add(new NpgsqlBatchCommand("""
            INSERT INTO processing.job (tenant_id, id, queue, type, payload, priority, max_attempts, timeout_seconds, unique_key, trigger_id,
                trace_parent, run_at, created_at, schedule_id, workflow_id, step, submitted_by)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = tenant },
                new NpgsqlParameter<Guid> { TypedValue = job.Id },
                new NpgsqlParameter<string> { TypedValue = job.Queue },
                new NpgsqlParameter<string> { TypedValue = job.Type },
                new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = job.Payload, NpgsqlDbType = NpgsqlDbType.Json },
                new NpgsqlParameter<short> { TypedValue = (short)job.Priority },
                new NpgsqlParameter<int> { TypedValue = job.MaxAttempts },
                new NpgsqlParameter<int> { TypedValue = job.TimeoutSeconds },
                new() { Value = (object?)job.UniqueKey ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
                new() { Value = (object?)job.TriggerId ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid },
                new() { Value = (object?)(Activity.Current is { IdFormat: ActivityIdFormat.W3C } a ? a.Id : null) ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
                new NpgsqlParameter<DateTimeOffset> { TypedValue = job.RunAt },
                new NpgsqlParameter<DateTimeOffset> { TypedValue = job.CreatedAt },
                new() { Value = (object?)job.ScheduleId ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid },
                new() { Value = (object?)job.WorkflowId ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid },
                new() { Value = (object?)job.Step ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
                new() { Value = (object?)job.SubmittedBy ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid },
            },
        });
        WorkQueue.Enqueue(batch, ProcessingDatabase.Name, Work(tenant, job));
        OutboxWriter.Append(batch, ProcessingDatabase.Name, JobMessages.Of<JobCreated>(tenant, job, clock));
    }

    public static void InsertMany(NpgsqlBatch batch, IReadOnlyList<(Guid Tenant, Job Job)> jobs, TimeProvider clock)
    {
        foreach (var (tenant, job) in jobs)
        {
            Insert(batch, tenant, job, clock);
        }
    }

    /// <summary>The job's place in the queue. Its lane is its tenant.</summary>
    public static NewWork Work(Guid tenant, Job job) => new(job.Id, tenant, job.Queue)
    {
        Lane = tenant.ToString("N"),
        Priority = job.Priority,
        RunAt = job.State == JobState.Scheduled ? job.RunAt : null,
    };

    /// <summary>Null when it is not there or another tenant's.</summary>
    public static Task<Job?> FindAsync(ProcessingDatabase database, Guid tenant, Guid id, CancellationToken cancellationToken) =>
        TenantRead.FindAsync(database, tenant, Find(tenant, id, ""), Read, cancellationToken);

    /// <summary>In a caller's transaction, the row locked until its end.</summary>
    public static async Task<Job?> LockAsync(WriteTransaction transaction, Guid id, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(transaction.Connection) { BatchCommands = { Find(transaction.Tenant, id, "FOR UPDATE OF j") } };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(reader) : null;
    }

    /// <summary>A row of <see cref="Columns"/>.</summary>
    public static Job Read(NpgsqlDataReader reader)
    {
        T? Get<T>(int column)
            where T : struct => reader.IsDBNull(column) ? null : reader.GetFieldValue<T>(column);
        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

        var attempt = reader.GetInt32(12);
        return new()
        {
            Id = reader.GetGuid(0),
            Queue = reader.GetString(1),
            Type = reader.GetString(2),
            Payload = reader.GetFieldValue<byte[]>(3),
            Priority = reader.GetInt16(4),
            MaxAttempts = reader.GetInt32(5),
            TimeoutSeconds = reader.GetInt32(6),
            UniqueKey = Text(7),
            TriggerId = Get<Guid>(8),
            CreatedAt = reader.GetFieldValue<DateTimeOffset>(9),
            State = Text(10) ?? StateOf(Get<short>(11), attempt),
            Attempt = attempt,
            RunAt = reader.GetFieldValue<DateTimeOffset>(13),
            Result = reader.IsDBNull(14) ? null : reader.GetFieldValue<byte[]>(14),
            Error = Text(15),
            Errors = reader.GetFieldValue<byte[]>(16),
            StartedAt = Get<DateTimeOffset>(17),
            FinishedAt = Get<DateTimeOffset>(18),
            DurationMs = Get<double>(19),
            ScheduleId = Get<Guid>(20),
            WorkflowId = Get<Guid>(21),
            Step = Text(22),
            SubmittedBy = Get<Guid>(23),
        };
    }

    private static string StateOf(short? state, int attempt) => state switch
    {
        2 => JobState.Running,
        1 => JobState.Available,
        _ => attempt > 0 ? JobState.Retrying : JobState.Scheduled,
    };

    private static NpgsqlBatchCommand Find(Guid tenant, Guid id, string locking) =>
        new($"SELECT {Columns} FROM {From} WHERE j.tenant_id = $1 AND j.id = $2 {locking}")
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = tenant }, new NpgsqlParameter<Guid> { TypedValue = id } },
        };
}
