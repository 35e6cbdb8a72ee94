using Npgsql;
using NpgsqlTypes;
using Platform.Eventing.Outbox;
using Platform.Processing.Jobs;
using Platform.Processing.Workflows.Advancing;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Workflows.Rows;

/// <summary>The statements that write what became of a workflow: its rows, the jobs that start, its events. Cancelling jobs is the caller's.</summary>
internal static class WriteWorkflow
{
    /// <summary>The row of a new workflow, before <see cref="Advance"/>'s statements; none where another one that is alive has its unique key.</summary>
    public static NpgsqlBatchCommand Insert(Workflow workflow) => new("""
        INSERT INTO processing.workflow (tenant_id, id, name, state, on_failure, unique_key, input, steps, submitted_by, trace_parent, created_at,
            trigger_id, trigger_depth)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        ON CONFLICT (tenant_id, unique_key) WHERE unique_key IS NOT NULL AND state IN ('running', 'failing', 'compensating') DO NOTHING
        """)
    {
        Parameters =
        {
            new NpgsqlParameter<Guid> { TypedValue = workflow.Tenant },
            new NpgsqlParameter<Guid> { TypedValue = workflow.Id },
            Value(workflow.Name, NpgsqlDbType.Text),
            new NpgsqlParameter<string> { TypedValue = workflow.State },
            new NpgsqlParameter<string> { TypedValue = workflow.CompensatesOnFailure ? OnFailure.Compensate : OnFailure.Stop },
            Value(workflow.UniqueKey, NpgsqlDbType.Text),
            new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = workflow.Input, NpgsqlDbType = NpgsqlDbType.Json },
            new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = workflow.Asked, NpgsqlDbType = NpgsqlDbType.Json },
            Value(workflow.SubmittedBy, NpgsqlDbType.Uuid),
            Value(workflow.TraceParent, NpgsqlDbType.Text),
            new NpgsqlParameter<DateTimeOffset> { TypedValue = workflow.CreatedAt },
            Value(workflow.TriggerId, NpgsqlDbType.Uuid),
            Value((short?)workflow.TriggerDepth, NpgsqlDbType.Smallint),
        },
    };

    /// <summary>Everything that differs between before and after. After the commit the work queue and the relay are to be woken.</summary>
    /// <param name="isNew">The steps have no rows yet.</param>
    public static void Add(NpgsqlBatch batch, Advanced advanced, bool isNew, TimeProvider clock)
    {
        var (before, after) = (advanced.Before, advanced.After);
        if ((before.State, before.FailedStep, before.Error, before.FinishedAt) != (after.State, after.FailedStep, after.Error, after.FinishedAt))
        {
            batch.BatchCommands.Add(Update(after));
        }

        if (isNew)
        {
            batch.BatchCommands.Add(WriteSteps.Insert(after));
        }

        for (var i = 0; i < after.Steps.Count; i++)
        {
            if (!ReferenceEquals(before.Steps[i], after.Steps[i]))
            {
                WriteSteps.Add(batch, after, i, before.Steps[i], isNew);
            }
        }

        if (advanced.ForgottenJobs.Count > 0)
        {
            batch.BatchCommands.Add(new("DELETE FROM processing.dead_letter WHERE tenant_id = $1 AND job_id = ANY($2)")
            {
                Parameters = { new() { Value = after.Tenant }, new() { Value = advanced.ForgottenJobs.ToArray() } },
            });
        }

        JobRows.InsertMany(batch, [.. advanced.Starts.Select(s => (after.Tenant, ToJob(after, s, clock)))], clock);
        OutboxWriter.AppendMany(batch, ProcessingDatabase.Name, [.. advanced.Announcements.Select(a => WorkflowMessages.Of(a, clock))]);
    }

    private static NpgsqlBatchCommand Update(Workflow workflow) => new("""
        UPDATE processing.workflow SET state = $3, failed_step = $4, error = $5, finished_at = $6 WHERE tenant_id = $1 AND id = $2
        """)
    {
        Parameters =
        {
            new NpgsqlParameter<Guid> { TypedValue = workflow.Tenant },
            new NpgsqlParameter<Guid> { TypedValue = workflow.Id },
            new NpgsqlParameter<string> { TypedValue = workflow.State },
            Value(workflow.FailedStep, NpgsqlDbType.Text),
            Value(workflow.Error, NpgsqlDbType.Text),
            Value(workflow.FinishedAt, NpgsqlDbType.TimestampTz),
        },
    };

    private static Job ToJob(Workflow workflow, JobStart start, TimeProvider clock)
    {
        var now = Rfc3339.Now(clock);
        return new()
        {
            Id = start.Id,
            Queue = start.Queue,
            Type = start.Type,
            Payload = start.Payload,
            State = JobState.Available,
            Priority = start.Priority,
            RunAt = now,
            CreatedAt = now,
            MaxAttempts = start.MaxAttempts,
            TimeoutSeconds = start.TimeoutSeconds,
            WorkflowId = workflow.Id,
            Step = start.Step,
            SubmittedBy = workflow.SubmittedBy,
            TraceParent = workflow.TraceParent,
        };
    }

    public static NpgsqlParameter Value(object? value, NpgsqlDbType type) => new() { Value = value ?? DBNull.Value, NpgsqlDbType = type };
}
