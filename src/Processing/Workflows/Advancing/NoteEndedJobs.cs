using System.Text;
using Npgsql;
using NpgsqlTypes;
using Platform.Processing.Running;

namespace Platform.Processing.Workflows.Advancing;

/// <summary>The end of a step's job is noted in the transaction that ends it: however the process ends, the workflow hears of it.</summary>
internal sealed class NoteEndedJobs(WorkflowSignal signal) : IJobEnding
{
    public void Write(NpgsqlBatch batch, IReadOnlyList<EndedJob> ended)
    {
        var ofWorkflows = ended.Where(e => e is { WorkflowId: not null, Step: not null }).ToArray();
        if (ofWorkflows.Length == 0)
        {
            return;
        }

        batch.BatchCommands.Add(new("""
            INSERT INTO processing.workflow_due (tenant_id, workflow_id, step, job_id, outcome, result, error)
            SELECT tenant_id, workflow_id, step, job_id, outcome, result::json, error
            FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::text[], $6::text[], $7::text[])
                AS e(tenant_id, workflow_id, step, job_id, outcome, result, error)
            """)
        {
            Parameters =
            {
                new() { Value = Array.ConvertAll(ofWorkflows, e => e.Tenant) },
                new() { Value = Array.ConvertAll(ofWorkflows, e => e.WorkflowId!.Value) },
                new() { Value = Array.ConvertAll(ofWorkflows, e => e.Step!) },
                new() { Value = Array.ConvertAll(ofWorkflows, e => e.Id) },
                new() { Value = Array.ConvertAll(ofWorkflows, e => e.Outcome) },
                new() { Value = Array.ConvertAll(ofWorkflows, e => e.Result is { } r ? Encoding.UTF8.GetString(r) : null), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text },
                new() { Value = Array.ConvertAll(ofWorkflows, e => e.Error), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text },
            },
        });
        signal.Written();
    }

    public void Committed() => signal.Committed();
}
