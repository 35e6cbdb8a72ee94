using Npgsql;
using Platform.Eventing.Outbox;
using Platform.Eventing.WorkQueues;
using Platform.Processing.Jobs;

namespace Platform.Processing.Running;

/// <summary>What an attempt needs to know of its job.</summary>
internal sealed record RunnableJob(
    string PublicId, string Type, ReadOnlyMemory<byte> Payload, int MaxAttempts, TimeSpan Timeout, string? UniqueKey, string? TraceParent, Guid? SubmittedBy)
{
    public Guid? ScheduleId { get; init; }
    public Guid? WorkflowId { get; init; }
    public string? Step { get; init; }

    /// <summary>Reads the jobs of claimed items.</summary>
    public static async Task<IReadOnlyDictionary<Guid, RunnableJob>> LoadAsync(
        NpgsqlDataSource source, IReadOnlyList<WorkItem> items, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { JobRows.ByIds(), Load(items) } };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var jobs = new Dictionary<Guid, RunnableJob>(items.Count);
        while (await reader.ReadAsync(cancellationToken))
        {
            var id = reader.GetGuid(0);
            jobs[id] = new(Contracts.Identifiers.TypeId.Format(Contracts.Identifiers.IdPrefix.Job, id), reader.GetString(1),
                reader.GetFieldValue<byte[]>(2), reader.GetInt32(3), TimeSpan.FromSeconds(reader.GetInt32(4)),
                reader.IsDBNull(5) ? null : reader.GetString(5), reader.IsDBNull(6) ? null : reader.GetString(6), reader.IsDBNull(10) ? null : reader.GetGuid(10))
            {
                ScheduleId = reader.IsDBNull(7) ? null : reader.GetGuid(7),
                WorkflowId = reader.IsDBNull(8) ? null : reader.GetGuid(8),
                Step = reader.IsDBNull(9) ? null : reader.GetString(9),
            };
        }

        return jobs;
    }

    internal static NpgsqlBatchCommand Load(IReadOnlyList<WorkItem> items) =>
        new("""
            SELECT j.id, j.type, j.payload, j.max_attempts, j.timeout_seconds, j.unique_key, j.trace_parent, j.schedule_id, j.workflow_id, j.step, j.submitted_by
            FROM unnest($1::uuid[], $2::uuid[]) AS i(tenant_id, id)
            JOIN processing.job j ON j.tenant_id = i.tenant_id AND j.id = i.id
            WHERE j.id BETWEEN $3 AND $4
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid[]> { TypedValue = [.. items.Select(i => i.TenantId)] },
                new NpgsqlParameter<Guid[]> { TypedValue = [.. items.Select(i => i.Id)] },

                // The days that can be meant: the others are not even opened.
                new NpgsqlParameter<Guid> { TypedValue = items.Min(i => i.Id) },
                new NpgsqlParameter<Guid> { TypedValue = items.Max(i => i.Id) },
            },
        };
}

/// <summary>What an attempt left behind.</summary>
/// <param name="Outcome">succeeded or dead; null when the job lives on.</param>
/// <param name="Message">The event about it; none where a job is held.</param>
internal sealed record JobEnd(
    string? Outcome, byte[]? Result, string? Error, DateTimeOffset? StartedAt, double? DurationMs, OutboxMessage? Message)
{
    /// <summary>Of a success: what it wants committed with it, and what it leaves to delete.</summary>
    public JobRun? Run { get; init; }
}
