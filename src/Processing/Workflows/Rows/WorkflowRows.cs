using Npgsql;
using Platform.Processing.Workflows.Definition;

namespace Platform.Processing.Workflows.Rows;

/// <summary>Workflows as they stand in their rows.</summary>
internal static class WorkflowRows
{
    public const string Columns = """
        w.tenant_id, w.id, w.name, w.state, w.on_failure, w.unique_key, w.failed_step, w.error, w.submitted_by, w.created_at, w.finished_at,
        w.trigger_id
        """;

    private const string StepColumns = """
        s.workflow_id, s.name, s.state, s.job_id, s.elements, s.elements_left, s.error, s.due_at, s.started_at, s.finished_at, s.completion,
        s.compensation, s.compensation_job_id, s.compensation_error, s.result IS NOT NULL
        """;

    /// <summary>A workflow without its steps, as a list shows it.</summary>
    public static Workflow ReadSummary(NpgsqlDataReader reader) => new()
    {
        Tenant = reader.GetGuid(0),
        Id = reader.GetGuid(1),
        Name = reader.Text(2),
        State = reader.GetString(3),
        CompensatesOnFailure = reader.GetString(4) == OnFailure.Compensate,
        UniqueKey = reader.Text(5),
        FailedStep = reader.Text(6),
        Error = reader.Text(7),
        SubmittedBy = reader.Get<Guid>(8),
        CreatedAt = reader.GetFieldValue<DateTimeOffset>(9),
        FinishedAt = reader.Get<DateTimeOffset>(10),
        TriggerId = reader.Get<Guid>(11),
        Input = default,
        Asked = default,
        Definition = [],
        Steps = [],
    };

    /// <summary>These workflows with their steps, but without the results of steps and without what <see cref="Detail"/> adds.</summary>
    public static IEnumerable<NpgsqlBatchCommand> Select(IReadOnlyList<(Guid Tenant, Guid Id)> keys) =>
    [
        Keyed($"""
            SELECT {Columns}, w.input, w.steps, w.trace_parent FROM {Keys} JOIN processing.workflow w ON w.tenant_id = k.tenant_id AND w.id = k.id
            """, keys),
        Keyed($"""
            SELECT {StepColumns} FROM {Keys} JOIN processing.workflow_step s ON s.tenant_id = k.tenant_id AND s.workflow_id = k.id
            ORDER BY s.workflow_id, s.ordinal
            """, keys),
    ];

    /// <summary>Reads the two results of <see cref="Select"/> and stands before the next.</summary>
    public static async Task<List<Workflow>> ReadAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var found = new List<Workflow>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var asked = reader.GetFieldValue<byte[]>(13);
            found.Add(ReadSummary(reader) with
            {
                Input = reader.GetFieldValue<byte[]>(12), Asked = asked, Definition = ReadSteps.Parse(asked), TraceParent = reader.Text(14),
            });
        }

        await reader.NextResultAsync(cancellationToken);
        var steps = new List<(Guid Workflow, Step Step)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            steps.Add((reader.GetGuid(0), ReadStep(reader)));
        }

        await reader.NextResultAsync(cancellationToken);
        var byWorkflow = steps.ToLookup(s => s.Workflow, s => s.Step);
        return [.. found.Select(w => w with { Steps = [.. byWorkflow[w.Id]] })];
    }

    private static Step ReadStep(NpgsqlDataReader reader) => new()
    {
        Name = reader.GetString(1),
        State = reader.GetString(2),
        JobId = reader.Get<Guid>(3),
        ElementCount = reader.GetInt16(4),
        ElementsLeft = reader.GetInt16(5),
        Error = reader.Text(6),
        DueAt = reader.Get<DateTimeOffset>(7),
        StartedAt = reader.Get<DateTimeOffset>(8),
        FinishedAt = reader.Get<DateTimeOffset>(9),
        Completion = reader.Get<short>(10),
        Compensation = reader.Text(11),
        CompensationJobId = reader.Get<Guid>(12),
        CompensationError = reader.Text(13),
        IsResultUnread = reader.GetBoolean(14),
    };

    /// <summary>The whole of a workflow; null where it is not there or another tenant's.</summary>
    /// <param name="locks">Keeps the row until the end of the caller's transaction.</param>
    public static async Task<Workflow?> FindAsync(NpgsqlConnection connection, Guid tenant, Guid id, bool locks, CancellationToken cancellationToken)
    {
        (Guid, Guid)[] key = [(tenant, id)];
        await using var select = new NpgsqlBatch(connection);
        if (locks)
        {
            // A statement of its own: the others see what was committed before the lock was had.
            select.BatchCommands.Add(Keyed($"SELECT 1 FROM {Keys} JOIN processing.workflow w ON w.tenant_id = k.tenant_id AND w.id = k.id FOR UPDATE OF w", key));
        }

        foreach (var command in Select(key))
        {
            select.BatchCommands.Add(command);
        }

        List<Workflow> found;
        await using (var reader = await select.ExecuteReaderAsync(cancellationToken))
        {
            if (locks)
            {
                await reader.NextResultAsync(cancellationToken);
            }

            found = await ReadAsync(reader, cancellationToken);
        }

        return found.Count == 0 ? null : (await Detail.AddAsync(connection, found, _ => Detail.Everything, cancellationToken))[0];
    }

    internal const string Keys = "unnest($1::uuid[], $2::uuid[]) AS k(tenant_id, id)";

    private static NpgsqlBatchCommand Keyed(string sql, IReadOnlyList<(Guid Tenant, Guid Id)> keys) => new(sql)
    {
        Parameters = { new() { Value = keys.Select(k => k.Tenant).ToArray() }, new() { Value = keys.Select(k => k.Id).ToArray() } },
    };
}
