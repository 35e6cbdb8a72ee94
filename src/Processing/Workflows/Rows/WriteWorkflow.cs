using System.Text;
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
        INSERT INTO processing.workflow (tenant_id, id, name, state, on_failure, unique_key, input, steps, submitted_by, trace_parent, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
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
            batch.BatchCommands.Add(InsertSteps(after));
        }

        for (var i = 0; i < after.Steps.Count; i++)
        {
            if (!ReferenceEquals(before.Steps[i], after.Steps[i]))
            {
                AddStep(batch, after, i, before.Steps[i], isNew);
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

    private static void AddStep(NpgsqlBatch batch, Workflow workflow, int at, Step before, bool isNew)
    {
        var step = workflow.Steps[at];
        if (!isNew)
        {
            batch.BatchCommands.Add(UpdateStep(workflow, at, writesResult: !ReferenceEquals(step.Result, before.Result)));
        }

        if (step.State == StepState.Waiting && step.DueAt is { } due)
        {
            batch.BatchCommands.Add(new("INSERT INTO processing.workflow_due (tenant_id, workflow_id, due_at, step) VALUES ($1, $2, $3, $4)")
            {
                Parameters = { new() { Value = workflow.Tenant }, new() { Value = workflow.Id }, new() { Value = due }, new() { Value = step.Name } },
            });
        }

        if (step.Elements is { } elements && !ReferenceEquals(elements, before.Elements))
        {
            var changed = Enumerable.Range(0, elements.Count).Where(i => before.Elements is null || i >= before.Elements.Count || !ReferenceEquals(before.Elements[i], elements[i]));
            batch.BatchCommands.Add(PutElements(workflow, at, [.. changed]));
        }
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

    private static NpgsqlBatchCommand InsertSteps(Workflow workflow)
    {
        return new("""
            INSERT INTO processing.workflow_step (tenant_id, workflow_id, ordinal, name, state, job_id, elements, elements_left, result, error, due_at,
                started_at, finished_at, completion)
            SELECT $1, $2, ordinal - 1, name, state, job_id, elements, elements_left, result::json, error, due_at, started_at, finished_at, completion
            FROM unnest($3::text[], $4::text[], $5::uuid[], $6::smallint[], $7::smallint[], $8::text[], $9::text[], $10::timestamptz[], $11::timestamptz[],
                    $12::timestamptz[], $13::smallint[])
                WITH ORDINALITY AS s(name, state, job_id, elements, elements_left, result, error, due_at, started_at, finished_at, completion, ordinal)
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = workflow.Tenant },
                new NpgsqlParameter<Guid> { TypedValue = workflow.Id },
                Column(s => s.Name, NpgsqlDbType.Text),
                Column(s => s.State, NpgsqlDbType.Text),
                Column(s => s.JobId, NpgsqlDbType.Uuid),
                Column(s => (short)s.ElementCount, NpgsqlDbType.Smallint),
                Column(s => (short)s.ElementsLeft, NpgsqlDbType.Smallint),
                Column(s => s.Result is { } result ? Encoding.UTF8.GetString(result) : null, NpgsqlDbType.Text),
                Column(s => s.Error, NpgsqlDbType.Text),
                Column(s => s.DueAt, NpgsqlDbType.TimestampTz),
                Column(s => s.StartedAt, NpgsqlDbType.TimestampTz),
                Column(s => s.FinishedAt, NpgsqlDbType.TimestampTz),
                Column(s => (short?)s.Completion, NpgsqlDbType.Smallint),
            },
        };

        NpgsqlParameter Column<T>(Func<Step, T> select, NpgsqlDbType type) =>
            new() { Value = workflow.Steps.Select(select).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | type };
    }

    private static NpgsqlBatchCommand UpdateStep(Workflow workflow, int at, bool writesResult)
    {
        var step = workflow.Steps[at];
        return new("""
            UPDATE processing.workflow_step
            SET state = $4, job_id = $5, elements = $6, elements_left = $7, error = $8, due_at = $9, started_at = $10, finished_at = $11, completion = $12,
                compensation = $13, compensation_job_id = $14, compensation_error = $15, result = CASE WHEN $16 THEN $17 ELSE result END
            WHERE tenant_id = $1 AND workflow_id = $2 AND ordinal = $3
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = workflow.Tenant },
                new NpgsqlParameter<Guid> { TypedValue = workflow.Id },
                new NpgsqlParameter<short> { TypedValue = (short)at },
                new NpgsqlParameter<string> { TypedValue = step.State },
                Value(step.JobId, NpgsqlDbType.Uuid),
                new NpgsqlParameter<short> { TypedValue = (short)step.ElementCount },
                new NpgsqlParameter<short> { TypedValue = (short)step.ElementsLeft },
                Value(step.Error, NpgsqlDbType.Text),
                Value(step.DueAt, NpgsqlDbType.TimestampTz),
                Value(step.StartedAt, NpgsqlDbType.TimestampTz),
                Value(step.FinishedAt, NpgsqlDbType.TimestampTz),
                Value((short?)step.Completion, NpgsqlDbType.Smallint),
                Value(step.Compensation, NpgsqlDbType.Text),
                Value(step.CompensationJobId, NpgsqlDbType.Uuid),
                Value(step.CompensationError, NpgsqlDbType.Text),
                new NpgsqlParameter<bool> { TypedValue = writesResult },
                Value(step.Result, NpgsqlDbType.Json),
            },
        };
    }

    private static NpgsqlBatchCommand PutElements(Workflow workflow, int at, int[] numbers)
    {
        var elements = workflow.Steps[at].Elements!;
        return new("""
            INSERT INTO processing.workflow_element AS e (tenant_id, workflow_id, ordinal, number, job_id, state, result, error)
            SELECT $1, $2, $3, number, job_id, state, result::json, error
            FROM unnest($4::smallint[], $5::uuid[], $6::text[], $7::text[], $8::text[]) AS n(number, job_id, state, result, error)
            ON CONFLICT (tenant_id, workflow_id, ordinal, number) DO UPDATE SET
                job_id = EXCLUDED.job_id, state = EXCLUDED.state, result = EXCLUDED.result, error = EXCLUDED.error
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = workflow.Tenant },
                new NpgsqlParameter<Guid> { TypedValue = workflow.Id },
                new NpgsqlParameter<short> { TypedValue = (short)at },
                new() { Value = Array.ConvertAll(numbers, n => (short)n), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Smallint },
                new() { Value = Array.ConvertAll(numbers, n => elements[n].JobId) },
                new() { Value = Array.ConvertAll(numbers, n => elements[n].State) },
                new() { Value = Array.ConvertAll(numbers, n => elements[n].Result is { } r ? Encoding.UTF8.GetString(r) : null), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text },
                new() { Value = Array.ConvertAll(numbers, n => elements[n].Error), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text },
            },
        };
    }

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

    private static NpgsqlParameter Value(object? value, NpgsqlDbType type) => new() { Value = value ?? DBNull.Value, NpgsqlDbType = type };
}
