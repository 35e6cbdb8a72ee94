using System.Diagnostics;
using Npgsql;
using NpgsqlTypes;
using Platform.Contracts.Identifiers;
using Platform.Eventing.WorkQueues;
using Platform.Processing.Types;
using Platform.Processing.Workflows.Rows;

namespace Platform.Processing.Workflows.Advancing;

/// <summary>
/// Advances workflows that something happened to: many in one transaction, each locked, those that another instance has in hand passed over. What
/// happened is removed with what follows from it, so that a crash anywhere leaves all of it or nothing.
/// </summary>
internal sealed partial class DueWorkflows(
    ProcessingDatabase database, WorkSignal<ProcessingDatabase> work, JobTypes types, ProcessingOptions options, TimeProvider clock, ILogger<DueWorkflows> logger)
{
    private const int MaxWorkflows = 50;
    private static readonly ActivitySource Activities = new("Platform.Processing");

    /// <summary>One turn.</summary>
    /// <returns>How many were advanced, and, where there were none, the time until something is due: not more than zero where another instance has it in hand.</returns>
    public async Task<(int Advanced, TimeSpan? Next)> RunOnceAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await AdvanceAsync(MaxWorkflows, cancellationToken);
        }
        catch (Exception e) when (!IsOutage(e) && !cancellationToken.IsCancellationRequested)
        {
            // One of them cannot be advanced: alone, it is known which.
            LogFailed(e.Message);
            return await AdvanceAsync(1, cancellationToken);
        }
    }

    private async Task<(int Advanced, TimeSpan? Next)> AdvanceAsync(int limit, CancellationToken cancellationToken)
    {
        await using var connection = await database.System.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var (keys, next) = await LockAsync(connection, limit, cancellationToken);
        if (keys.Count == 0)
        {
            return (0, next);
        }

        try
        {
            await WriteAsync(connection, keys, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        catch (Exception e) when (limit == 1 && !IsOutage(e) && !cancellationToken.IsCancellationRequested)
        {
            await transaction.RollbackAsync(cancellationToken);
            LogStuck(TypeId.Format(IdPrefix.Workflow, keys[0].Id), e);
            await PostponeAsync(connection, keys[0], cancellationToken);
            return (1, null);
        }

        work.Set();
        database.OutboxWritten.Set();
        return (keys.Count, null);
    }

    private async Task WriteAsync(NpgsqlConnection connection, IReadOnlyList<(Guid Tenant, Guid Id)> keys, CancellationToken cancellationToken)
    {
        var (workflows, due, now) = await ReadAsync(connection, keys, cancellationToken);
        workflows = await Detail.AddAsync(connection, workflows, w => Wanted(w, [.. due[w.Id]]), cancellationToken);
        await using var batch = new NpgsqlBatch(connection);
        foreach (var workflow in workflows)
        {
            AddTo(batch, workflow, [.. due[workflow.Id]], now);
        }

        batch.BatchCommands.Add(Remove(due.SelectMany(d => d)));
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Locks the workflows that wait longest.</summary>
    private static async Task<(List<(Guid Tenant, Guid Id)> Keys, TimeSpan? Next)> LockAsync(NpgsqlConnection connection, int limit, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                // A plan made while the tables were small must not scan them once they are large.
                new("SELECT set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)"),
                new("""
                    SELECT w.tenant_id, w.id FROM processing.workflow w
                    WHERE (w.tenant_id, w.id) IN (SELECT d.tenant_id, d.workflow_id FROM processing.workflow_due d WHERE d.due_at <= now() ORDER BY d.due_at LIMIT 1000)
                    LIMIT $1 FOR UPDATE SKIP LOCKED
                    """) { Parameters = { new NpgsqlParameter<int> { TypedValue = limit } } },
                new("SELECT min(due_at) - now() FROM processing.workflow_due"),
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var keys = new List<(Guid, Guid)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            keys.Add((reader.GetGuid(0), reader.GetGuid(1)));
        }

        await reader.NextResultAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (keys, reader.Get<TimeSpan>(0));
    }

    /// <summary>Statements of their own, after the locks: they see all that was committed before.</summary>
    private static async Task<(IReadOnlyList<Workflow> Workflows, ILookup<Guid, Due> Due, DateTimeOffset Now)> ReadAsync(
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
    private static Detail Wanted(Workflow workflow, IReadOnlyList<Due> due)
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

    private void AddTo(NpgsqlBatch batch, Workflow workflow, IReadOnlyList<Due> due, DateTimeOffset now)
    {
        using var activity = workflow.TraceParent is { } parent && ActivityContext.TryParse(parent, null, isRemote: true, out var context)
            ? Activities.StartActivity("workflow advance", ActivityKind.Internal, context) : null;
        activity?.SetTag("platform.workflow.id", workflow.PublicId);
        WriteWorkflow.Add(batch, Advance.Run(workflow, [.. due.Select(d => d.Happening)], now, types, () => TypeId.New(clock)), isNew: false, clock);
    }

    private static NpgsqlBatchCommand Remove(IEnumerable<Due> due)
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

    private async Task PostponeAsync(NpgsqlConnection connection, (Guid Tenant, Guid Id) key, CancellationToken cancellationToken)
    {
        await using var postpone = new NpgsqlCommand(
            "UPDATE processing.workflow_due SET due_at = now() + $3 WHERE tenant_id = $1 AND workflow_id = $2 AND due_at <= now()", connection)
        {
            Parameters = { new() { Value = key.Tenant }, new() { Value = key.Id }, new() { Value = options.WorkflowHold } },
        };
        await postpone.ExecuteNonQueryAsync(cancellationToken);
    }

    private static bool IsOutage(Exception e) => e is NpgsqlException { IsTransient: true } or TimeoutException || e is NpgsqlException and not PostgresException;

    private sealed record Due(Guid Tenant, Guid Workflow, long Id, Happening Happening);

    [LoggerMessage(3010, LogLevel.Warning, "Advancing many workflows at once failed, now one by one: {Reason}")]
    private partial void LogFailed(string reason);

    [LoggerMessage(3011, LogLevel.Error, "Workflow {Id} cannot be advanced and is left alone for a while")]
    private partial void LogStuck(string id, Exception exception);
}
