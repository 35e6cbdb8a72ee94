using Npgsql;
using NpgsqlTypes;

namespace Platform.Processing.Workflows.Rows;

/// <summary>What is looked up only where it is needed: results of steps, and the many jobs of a step.</summary>
/// <param name="Results">Names of steps whose result is wanted; null for all.</param>
/// <param name="Elements">Names of steps whose jobs are wanted; null for all.</param>
/// <param name="ElementResults">Names of steps whose jobs' results are wanted as well; null for all.</param>
internal sealed record Detail(IReadOnlySet<string>? Results, IReadOnlySet<string>? Elements, IReadOnlySet<string>? ElementResults)
{
    public static Detail Everything { get; } = new(null, null, null);

    /// <summary>The workflows with the details that are wanted of each, in one round trip, or none where nothing is wanted.</summary>
    public static async Task<IReadOnlyList<Workflow>> AddAsync(
        NpgsqlConnection connection, IReadOnlyList<Workflow> workflows, Func<Workflow, Detail> wanted, CancellationToken cancellationToken)
    {
        var results = new List<(int Workflow, int Step)>();
        var elements = new List<(int Workflow, int Step, bool WithResults)>();
        for (var w = 0; w < workflows.Count; w++)
        {
            var detail = wanted(workflows[w]);
            for (var s = 0; s < workflows[w].Steps.Count; s++)
            {
                var step = workflows[w].Steps[s];
                if (step.IsResultUnread && detail.Results?.Contains(step.Name) != false)
                {
                    results.Add((w, s));
                }

                if (step.ElementCount > 0 && detail.Elements?.Contains(step.Name) != false)
                {
                    elements.Add((w, s, detail.ElementResults?.Contains(step.Name) != false));
                }
            }
        }

        if (results.Count + elements.Count == 0)
        {
            return workflows;
        }

        var steps = workflows.Select(w => w.Steps.ToArray()).ToArray();
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                Select("SELECT k.at, s.result FROM", "processing.workflow_step s", "", workflows, [.. results.Select(r => (r.Workflow, r.Step, false))]),
                Select("SELECT k.at, s.job_id, s.state, CASE WHEN k.with_results THEN s.result END, s.error FROM", "processing.workflow_element s", "ORDER BY k.at, s.number", workflows, elements),
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var (w, s) = results[reader.GetInt32(0)];
            steps[w][s] = steps[w][s] with { Result = reader.Bytes(1), IsResultUnread = false };
        }

        await reader.NextResultAsync(cancellationToken);
        var found = new List<(int At, Element Element)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add((reader.GetInt32(0), new(reader.GetGuid(1), reader.GetString(2), reader.Bytes(3), reader.Text(4))));
        }

        foreach (var group in found.GroupBy(f => f.At, f => f.Element))
        {
            var (w, s, _) = elements[group.Key];
            steps[w][s] = steps[w][s] with { Elements = [.. group] };
        }

        return [.. workflows.Select((w, i) => w with { Steps = steps[i] })];
    }

    private static NpgsqlBatchCommand Select(
        string select, string from, string order, IReadOnlyList<Workflow> workflows, IReadOnlyList<(int Workflow, int Step, bool WithResults)> of) =>
        new($"""
            {select} unnest($1::uuid[], $2::uuid[], $3::smallint[], $4::int[], $5::boolean[]) AS k(tenant_id, workflow_id, ordinal, at, with_results)
            JOIN {from} ON s.tenant_id = k.tenant_id AND s.workflow_id = k.workflow_id AND s.ordinal = k.ordinal {order}
            """)
        {
            Parameters =
            {
                new() { Value = of.Select(o => workflows[o.Workflow].Tenant).ToArray() },
                new() { Value = of.Select(o => workflows[o.Workflow].Id).ToArray() },
                new() { Value = of.Select(o => (short)o.Step).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Smallint },
                new() { Value = Enumerable.Range(0, of.Count).ToArray() },
                new() { Value = of.Select(o => o.WithResults).ToArray() },
            },
        };
}
