using Npgsql;
using Platform.Processing.Workflows.Rows;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Workflows;

/// <summary><c>GET /v1/workflows/{id}</c>, the graph, and <c>GET /v1/workflows?state=&amp;limit=&amp;cursor=</c>, newest first, without the steps.</summary>
internal static class ReadWorkflows
{
    private const string ListName = "workflows";

    public static async Task<IResult> GetAsync(string id, HttpContext http, ProcessingDatabase database)
    {
        if (!WorkflowProblems.TryId(id, out var key))
        {
            return WorkflowProblems.NotFound();
        }

        // Workflow, steps and jobs of one moment.
        var tenant = http.Principal().TenantId;
        await using var connection = await database.Requests.OpenConnectionAsync(http.RequestAborted);
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, http.RequestAborted);
        await using (var scope = new NpgsqlBatch(connection) { BatchCommands = { TenantScope.Set(tenant) } })
        {
            await scope.ExecuteNonQueryAsync(http.RequestAborted);
        }

        var workflow = await WorkflowRows.FindAsync(connection, tenant, key, locks: false, http.RequestAborted);
        return workflow is null ? WorkflowProblems.NotFound() : JsonAnswer.Ok(WorkflowDocument.Write(workflow));
    }

    public static async Task<IResult> ListAsync(HttpContext http, ProcessingDatabase database)
    {
        var errors = new List<InputError>();
        var state = http.Request.Query.TryGetValue("state", out var given) ? given.ToString() : null;
        if (state is not null && !WorkflowState.All.Contains(state))
        {
            errors.Add(new("state", "invalid_value", $"'state' is one of {string.Join(", ", WorkflowState.All)}."));
        }

        var (page, badPage) = Page.Read(http, ListName, parts: 1);
        Guid before = default;
        if (page.After is { } parts && !WorkflowProblems.TryId(parts[0], out before))
        {
            badPage = KnownProblems.InvalidCursor();
        }

        errors.AddRange(badPage?.Errors ?? []);
        if (errors.Count > 0)
        {
            return KnownProblems.Validation(errors);
        }

        var tenant = http.Principal().TenantId;
        var select = new NpgsqlBatchCommand($"""
            SELECT {WorkflowRows.Columns} FROM processing.workflow w
            WHERE w.tenant_id = $1 {(state is null ? "" : "AND w.state = $3")} {(page.After is null ? "" : $"AND w.id < ${(state is null ? 3 : 4)}")}
            ORDER BY w.id DESC LIMIT $2
            """)
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = tenant }, new NpgsqlParameter<int> { TypedValue = page.Limit + 1 } },
        };
        if (state is not null)
        {
            select.Parameters.Add(new NpgsqlParameter<string> { TypedValue = state });
        }

        if (page.After is not null)
        {
            select.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = before });
        }

        var found = await TenantRead.ListAsync(database, tenant, select, WorkflowRows.ReadSummary, http.RequestAborted);
        return FieldSelection.List(found, page.Limit, (w, json) => WorkflowDocument.WriteSummary(json, w), w => Page.Encode(ListName, w.PublicId));
    }
}
