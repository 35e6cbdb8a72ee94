using System.Diagnostics;
using System.Text;
using Npgsql;
using NpgsqlTypes;
using Platform.Contracts.Events;
using Platform.Eventing.Outbox;
using Platform.Eventing.WorkQueues;

namespace Platform.Processing.Jobs;

internal static partial class JobRows
{
    /// <summary>Adds a new job: its row, its place in the queue, and its event.</summary>
    public static void Insert(NpgsqlBatch batch, Guid tenant, Job job, TimeProvider clock) => InsertMany(batch, [(tenant, job)], clock);

    /// <summary>
    /// Adds new jobs: their rows, their places in the queue, their events; three statements however many there are, none for none. After the
    /// commit: <see cref="WorkSignal{TDatabase}.Set"/>, and <c>OutboxWritten.Set</c> of the database where the transaction is not a <c>Writes</c>.
    /// </summary>
    public static void InsertMany(NpgsqlBatch batch, IReadOnlyList<(Guid Tenant, Job Job)> jobs, TimeProvider clock)
    {
        if (jobs.Count == 0)
        {
            return;
        }

        batch.BatchCommands.Add(InsertRows(jobs));
        Start(batch, jobs, clock);
    }

    /// <summary>The rows of <c>job</c> alone.</summary>
    /// <param name="ifNew">Passes over those that are there already, and returns tenant and id of the others.</param>
    public static NpgsqlBatchCommand InsertRows(IReadOnlyList<(Guid Tenant, Job Job)> jobs, bool ifNew = false)
    {
        var trace = Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity ? activity.Id : null;
        return new($"""
            INSERT INTO processing.job (tenant_id, id, queue, type, payload, priority, max_attempts, timeout_seconds, unique_key, trigger_id,
                trace_parent, run_at, created_at, named, schedule_id, workflow_id, step, submitted_by)
            SELECT tenant_id, id, queue, type, payload::json, priority, max_attempts, timeout_seconds, unique_key, trigger_id,
                trace_parent, run_at, created_at, named, schedule_id, workflow_id, step, submitted_by
            FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::smallint[], $7::int[], $8::int[], $9::text[], $10::uuid[],
                    $11::text[], $12::timestamptz[], $13::timestamptz[], $14::boolean[], $15::uuid[], $16::uuid[], $17::text[], $18::uuid[])
                AS j(tenant_id, id, queue, type, payload, priority, max_attempts, timeout_seconds, unique_key, trigger_id,
                    trace_parent, run_at, created_at, named, schedule_id, workflow_id, step, submitted_by)
            {(ifNew ? "ON CONFLICT DO NOTHING RETURNING tenant_id, id" : "")}
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid[]> { TypedValue = [.. jobs.Select(j => j.Tenant)] },
                Column(j => j.Id, NpgsqlDbType.Uuid),
                Column(j => j.Queue, NpgsqlDbType.Text),
                Column(j => j.Type, NpgsqlDbType.Text),
                Column(j => Encoding.UTF8.GetString(j.Payload.Span), NpgsqlDbType.Text),
                Column(j => (short)j.Priority, NpgsqlDbType.Smallint),
                Column(j => j.MaxAttempts, NpgsqlDbType.Integer),
                Column(j => j.TimeoutSeconds, NpgsqlDbType.Integer),
                Column(j => j.UniqueKey, NpgsqlDbType.Text),
                Column(j => j.TriggerId, NpgsqlDbType.Uuid),
                Column(j => j.TraceParent ?? trace, NpgsqlDbType.Text),
                Column(j => j.RunAt, NpgsqlDbType.TimestampTz),
                Column(j => j.CreatedAt, NpgsqlDbType.TimestampTz),
                Column(j => j.IsNamed, NpgsqlDbType.Boolean),
                Column(j => j.ScheduleId, NpgsqlDbType.Uuid),
                Column(j => j.WorkflowId, NpgsqlDbType.Uuid),
                Column(j => j.Step, NpgsqlDbType.Text),
                Column(j => j.SubmittedBy, NpgsqlDbType.Uuid),
            },
        };

        NpgsqlParameter Column<T>(Func<Job, T> select, NpgsqlDbType type) =>
            new NpgsqlParameter<T[]> { TypedValue = [.. jobs.Select(j => select(j.Job))], NpgsqlDbType = NpgsqlDbType.Array | type };
    }

    /// <summary>What makes rows of <c>job</c> jobs that run: places in the queue, and events.</summary>
    public static void Start(NpgsqlBatch batch, IReadOnlyList<(Guid Tenant, Job Job)> jobs, TimeProvider clock)
    {
        if (jobs.Count == 1)
        {
            WorkQueue.Enqueue(batch, ProcessingDatabase.Name, Work(jobs[0].Tenant, jobs[0].Job));
        }
        else
        {
            WorkQueue.EnqueueMany(batch, ProcessingDatabase.Name, [.. jobs.Select(j => Work(j.Tenant, j.Job))]);
        }

        OutboxWriter.AppendMany(batch, ProcessingDatabase.Name, [.. jobs.Select(j => JobMessages.Of<JobCreated>(j.Tenant, j.Job, clock))]);
    }
}
