using Npgsql;
using Platform.Contracts.Identifiers;
using Platform.Processing.Queues;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Jobs;

/// <summary><c>GET /v1/jobs?state=&amp;queue=&amp;type=&amp;fields=&amp;limit=&amp;cursor=</c>, newest first. A cursor is an id, so new jobs move no page.</summary>
internal static class ListJobs
{
    private const string ListName = "jobs";

    public static async Task<IResult> HandleAsync(HttpContext http, ProcessingDatabase database)
    {
        var (query, invalid) = Query.Read(http);
        if (query is null)
        {
            return invalid!;
        }

        var found = await RunAsync(database, http.Principal().TenantId, query, http.RequestAborted);
        return FieldSelection.List(found, query.Page.Limit, (job, json) => job.WriteTo(json, query.Fields), job => Page.Encode(ListName, job.PublicId));
    }

    private static Task<List<Job>> RunAsync(ProcessingDatabase database, Guid tenant, Query query, CancellationToken cancellationToken)
    {
        var select = new NpgsqlBatchCommand();
        string Bind(NpgsqlParameter parameter)
        {
            select.Parameters.Add(parameter);
            return "$" + select.Parameters.Count;
        }

        // What is alive is looked for among what is alive, which is little; dead jobs among the dead letters.
        var (from, id) = query.IsAlive
            ? ("processing.work_item w JOIN processing.job j ON j.tenant_id = w.tenant_id AND j.id = w.id", "w.id")
            : ("processing.job j LEFT JOIN processing.work_item w ON w.tenant_id = j.tenant_id AND w.id = j.id", "j.id");
        var tenantParameter = Bind(new NpgsqlParameter<Guid> { TypedValue = tenant });
        var where = new List<string> { $"{(query.IsAlive ? "w" : "j")}.tenant_id = {tenantParameter}" };
        switch (query.State)
        {
            case JobState.Scheduled: where.Add("w.state = 0 AND w.attempt = 0"); break;
            case JobState.Retrying: where.Add("w.state = 0 AND w.attempt > 0"); break;
            case JobState.Available: where.Add("w.state = 1"); break;
            case JobState.Running: where.Add("w.state = 2"); break;
            case JobState.Dead: where.Add($"j.outcome = 'dead' AND j.id IN (SELECT job_id FROM processing.dead_letter WHERE tenant_id = {tenantParameter})"); break;
            case { } ended: where.Add($"j.outcome = {Bind(new NpgsqlParameter<string> { TypedValue = ended })}"); break;
        }

        if (query.Queue is not null)
        {
            where.Add($"j.queue = {Bind(new NpgsqlParameter<string> { TypedValue = query.Queue })}");
        }

        if (query.Type is not null)
        {
            where.Add($"j.type = {Bind(new NpgsqlParameter<string> { TypedValue = query.Type })}");
        }

        if (query.Before is { } before)
        {
            where.Add($"{id} < {Bind(new NpgsqlParameter<Guid> { TypedValue = before })}");
        }

        select.CommandText = $"""
            SELECT {JobRows.Columns} FROM {from} WHERE {string.Join(" AND ", where)}
            ORDER BY {id} DESC LIMIT {Bind(new NpgsqlParameter<int> { TypedValue = query.Page.Limit + 1 })}
            """;
        return TenantRead.ListAsync(database, tenant, select, JobRows.Read, cancellationToken);
    }

    private sealed record Query(Page Page, Guid? Before, string? State, string? Queue, string? Type, IReadOnlySet<string>? Fields)
    {
        public bool IsAlive => State is JobState.Scheduled or JobState.Retrying or JobState.Available or JobState.Running;

        public static (Query? Query, Problem? Problem) Read(HttpContext http)
        {
            var errors = new List<InputError>();
            string? Given(string name, IReadOnlyList<string>? values)
            {
                var text = http.Request.Query.TryGetValue(name, out var given) ? given.ToString() : null;
                if (text is not null && (values is null ? text.Contains('\0', StringComparison.Ordinal) : !values.Contains(text)))
                {
                    errors.Add(new(name, "invalid_value", values is null ? $"'{name}' is not valid." : $"'{name}' is one of {string.Join(", ", values)}."));
                }

                return text;
            }

            var state = Given("state", JobState.All);
            var queue = Given("queue", http.RequestServices.GetRequiredService<QueueNames>().All);
            var type = Given("type", null);
            var (fields, badFields) = FieldSelection.Read(http, Job.FieldNames);
            var (page, badPage) = Page.Read(http, ListName, parts: 1);
            Guid before = default;
            if (page.After is { } parts && !TypeId.TryParse(IdPrefix.Job, parts[0], out before))
            {
                badPage = KnownProblems.InvalidCursor();
            }

            errors.AddRange([.. badFields?.Errors ?? [], .. badPage?.Errors ?? []]);
            return errors.Count == 0
                ? (new(page, page.After is null ? null : before, state, queue, type, fields), null)
                : (null, KnownProblems.Validation(errors));
        }
    }
}
