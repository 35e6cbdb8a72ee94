using Npgsql;
using NpgsqlTypes;
using Platform.Processing.Workflows.Rows;

namespace Platform.Processing.Workflows.Advancing;

/// <summary>Something that happened, or whose time has come, as it stands in its row.</summary>
internal sealed record Due(Guid Tenant, Guid Workflow, long Id, Happening Happening);

/// <summary>What is due of workflows that are locked.</summary>
internal static class DueRows
{
    /// <summary>Statements of their own, after the locks: they see all that was committed before.</summary>
    public static async Task<(IReadOnlyList<Workflow> Workflows, ILookup<Guid, Due> Due, DateTimeOffset Now)> ReadAsync(
        NpgsqlConnection connection, IReadOnlyList<(Guid Tenant, Guid Id)> keys, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (var command in WorkflowRows.Select(keys))
        {
            batch.BatchCommands.Add(command);
        }

        batch.BatchCommands.Add(new($"""
            SELECT d.tenant_id, d.workflow_id, d.id, d.step, d.job_id, d.outcome, d.result, d.error
            FROM {WorkflowRows.Keys} JOIN processing.workflow_due d ON d.tenant_id = k.tenant_id AND d.workflow_id = k.id
            WHERE d.due_at <= now() ORDER BY d.due_at, d.id
            """)
        {
            Parameters = { new() { Value = keys.Select(k => k.Tenant).ToArray() }, new() { Value = keys.Select(k => k.Id).ToArray() } },
        });
        batch.BatchCommands.Add(new("SELECT now()"));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var workflows = await WorkflowRows.ReadAsync(reader, cancellationToken);
        var due = new List<Due>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var step = reader.GetString(3);
            due.Add(new(reader.GetGuid(0), reader.GetGuid(1), reader.GetInt64(2), reader.Get<Guid>(4) is { } job
                ? new JobEnded(step, job, reader.GetString(5), reader.Bytes(6), reader.Text(7)) : new TimeCame(step)));
        }

        await reader.NextResultAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (workflows, due.ToLookup(d => d.Workflow), reader.GetFieldValue<DateTimeOffset>(0));
    }

    /// <summary>What the steps that may start now read, and the many jobs of those whose jobs have ended.</summary>
    public static Detail Wanted(Workflow workflow, IEnumerable<Due> due)
    {
        if (!WorkflowState.IsAlive(workflow.State))
        {
            // Seldom: a job that had failed was redriven.
            return Detail.Everything;
        }

        var results = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < workflow.Steps.Count; i++)
        {
            if (workflow.Steps[i].State == StepState.Pending)
            {
                results.UnionWith(workflow.Definition[i].ReadsAtStart);
            }

            results.UnionWith(workflow.Definition[i].ReadsAtCompensation);
        }

        var ended = due.Select(d => d.Happening).OfType<JobEnded>().CountBy(e => e.Step).ToDictionary(StringComparer.Ordinal);
        return new(results, ended.Keys.ToHashSet(StringComparer.Ordinal),
            workflow.Steps.Where(s => ended.GetValueOrDefault(s.Name) >= s.ElementsLeft).Select(s => s.Name).ToHashSet(StringComparer.Ordinal));
    }

    public static NpgsqlBatchCommand Remove(IEnumerable<Due> due)
    {
        Due[] all = [.. due];
        return new("""
            DELETE FROM processing.workflow_due d USING unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS r(tenant_id, workflow_id, id)
            WHERE d.tenant_id = r.tenant_id AND d.workflow_id = r.workflow_id AND d.id = r.id
            """)
        {
            Parameters =
            {
                new() { Value = Array.ConvertAll(all, d => d.Tenant) },
                new() { Value = Array.ConvertAll(all, d => d.Workflow) },
                new() { Value = Array.ConvertAll(all, d => d.Id), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint },
            },
        };
    }

    public static async Task PostponeAsync(NpgsqlConnection connection, (Guid Tenant, Guid Id) key, TimeSpan hold, CancellationToken cancellationToken)
    {
        await using var postpone = new NpgsqlCommand(
            "UPDATE processing.workflow_due SET due_at = now() + $3 WHERE tenant_id = $1 AND workflow_id = $2 AND due_at <= now()", connection)
        {
            Parameters = { new() { Value = key.Tenant }, new() { Value = key.Id }, new() { Value = hold } },
        };
        await postpone.ExecuteNonQueryAsync(cancellationToken);
    }
}
