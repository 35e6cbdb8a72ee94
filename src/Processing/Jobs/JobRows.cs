using Npgsql;
using Platform.Eventing.WorkQueues;
using Platform.ServiceDefaults.Idempotency;

namespace Platform.Processing.Jobs;

/// <summary>
/// Jobs in their rows: <c>job</c> is what was submitted, <c>work_item</c> how far one that is alive has come, <c>job_end</c> how one that has
/// ended did, <c>job_failure</c> its failed attempts. A job has a work item or an end, never both: one goes in the transaction in which the
/// other comes. Every change by a caller locks the row of <c>job</c> first; workers never do.
/// </summary>
internal static partial class JobRows
{
    /// <summary>Of <see cref="From"/>; for <see cref="Read"/>.</summary>
    public static readonly string Columns = ColumnsOf(id: "j.id");

    /// <summary>Tables are named in this order wherever several are read: <see cref="Retention.JobDays"/> locks them in it.</summary>
    public const string From = """
        processing.job j
        LEFT JOIN processing.work_item w ON w.tenant_id = j.tenant_id AND w.id = j.id
        LEFT JOIN processing.job_progress p ON p.tenant_id = j.tenant_id AND p.id = j.id
        LEFT JOIN processing.job_end e ON e.tenant_id = j.tenant_id AND e.id = j.id
        """;

    /// <summary>The job's place in the queue; it takes turns with those of other tenants.</summary>
    public static NewWork Work(Guid tenant, Job job) => new(job.Id, tenant, job.Queue)
    {
        Priority = job.Priority,
        RunAt = job.State == JobState.Scheduled ? job.RunAt : null,
    };

    /// <summary>
    /// Before statements that look rows up by their ids, for the rest of the transaction: one plan for all ids, which opens the partitions that
    /// are meant. A plan for each id costs more than the look-up, and one that was made while a day was empty must not scan it later.
    /// </summary>
    public static NpgsqlBatchCommand ByIds() => new("""
        SELECT set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true),
            set_config('enable_bitmapscan', 'off', true), set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)
        """);

    /// <summary>Null when it is not there or another tenant's.</summary>
    public static async Task<Job?> FindAsync(ProcessingDatabase database, Guid tenant, Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await database.Requests.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { TenantScope.Set(tenant), ByIds(), Find(tenant, id) } };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(reader) : null;
    }

    /// <summary>In a caller's transaction, one that is there.</summary>
    public static async Task<Job> GetAsync(WriteTransaction transaction, Guid id, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(transaction.Connection) { BatchCommands = { ByIds(), Find(transaction.Tenant, id) } };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return Read(reader);
    }

    /// <summary>In a caller's transaction, those that are there.</summary>
    public static async Task<List<Job>> FindAsync(WriteTransaction transaction, Guid[] ids, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(transaction.Connection) { BatchCommands = { ByIds(), Find(transaction.Tenant, ids) } };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var found = new List<Job>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(Read(reader));
        }

        return found;
    }

    /// <summary>
    /// In a caller's transaction, the job and its work item locked until its end; null when it is not there. A worker that is just finishing
    /// either wins, and the job has ended, or comes too late and finds nothing. Read by a statement of its own: who waited for the locks sees
    /// what the one before did.
    /// </summary>
    public static async Task<Job?> LockAsync(WriteTransaction transaction, Guid id, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(transaction.Connection)
        {
            BatchCommands =
            {
                ByIds(), Lock("processing.job", transaction.Tenant, id), Lock("processing.work_item", transaction.Tenant, id), Find(transaction.Tenant, id),
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(reader) : null;
    }

    /// <summary>A row of <see cref="Columns"/>.</summary>
    public static Job Read(NpgsqlDataReader reader)
    {
        T? Get<T>(int column)
            where T : struct => reader.IsDBNull(column) ? null : reader.GetFieldValue<T>(column);
        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

        var attempt = reader.GetInt32(12);
        var outcome = Text(10);
        var state = outcome ?? StateOf(Get<short>(11), attempt);
        var failures = reader.IsDBNull(16) ? JobFailures.None : JobFailures.Read(reader.GetFieldValue<byte[]>(16));
        var last = outcome is null ? failures.LastOf(attempt, state == JobState.Running) : null;
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
            State = state,
            Attempt = attempt,
            RunAt = reader.GetFieldValue<DateTimeOffset>(13),
            Result = reader.IsDBNull(14) ? null : reader.GetFieldValue<byte[]>(14),
            Error = outcome is null ? failures.Error : Text(15),
            Errors = failures.Json,
            StartedAt = outcome is null ? last?.StartedAt : Get<DateTimeOffset>(17),
            FinishedAt = Get<DateTimeOffset>(18),
            DurationMs = outcome is null ? last?.DurationMs : Get<double>(19),
            ScheduleId = Get<Guid>(20),
            WorkflowId = Get<Guid>(21),
            Step = Text(22),
            SubmittedBy = Get<Guid>(23),
            Progress = Get<float>(24) ?? 0,
            ProgressNote = Text(25),
        };
    }

    private static string StateOf(short? state, int attempt) => state switch
    {
        2 => JobState.Running,
        1 => JobState.Available,
        _ => attempt > 0 ? JobState.Retrying : JobState.Scheduled,
    };

    private static NpgsqlBatchCommand Lock(string table, Guid tenant, Guid id) =>
        new($"SELECT 1 FROM {table} WHERE tenant_id = $1 AND id = $2 FOR UPDATE")
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = tenant }, new NpgsqlParameter<Guid> { TypedValue = id } },
        };

    /// <summary>Every table is told the id: what it is joined to says nothing about partitions while a plan is made.</summary>
    internal static NpgsqlBatchCommand Find(Guid tenant, Guid id) =>
        new($"SELECT {ColumnsOf(id: "$2")} FROM {From} AND e.id = $2 WHERE j.tenant_id = $1 AND j.id = $2")
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = tenant }, new NpgsqlParameter<Guid> { TypedValue = id } },
        };

    private static NpgsqlBatchCommand Find(Guid tenant, Guid[] ids) =>
        new($"SELECT {Columns} FROM unnest($2) AS i(id) JOIN {From} ON j.tenant_id = $1 AND j.id = i.id")
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = tenant }, new NpgsqlParameter<Guid[]> { TypedValue = ids } },
        };

    private static string ColumnsOf(string id) => $"""
        j.id, j.queue, j.type, j.payload, coalesce(w.priority, j.priority), j.max_attempts, j.timeout_seconds, j.unique_key, j.trigger_id, j.created_at,
        e.outcome, w.state, coalesce(w.attempt, e.attempt, 0), coalesce(w.run_at, j.run_at), e.result, e.error, {JobFailures.Column(id)},
        e.started_at, e.finished_at, e.duration_ms, j.schedule_id, j.workflow_id, j.step, j.submitted_by, p.progress, p.note
        """;
}
