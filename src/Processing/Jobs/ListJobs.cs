using Npgsql;
using Platform.Contracts.Identifiers;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Jobs;

/// <summary><c>GET /v1/jobs?state=&amp;queue=&amp;type=&amp;created_after=&amp;workflow_id=&amp;schedule_id=&amp;fields=&amp;limit=&amp;cursor=</c>, newest first. A cursor is an id, so new jobs move no page.</summary>
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
        // What is alive is looked for among what is alive, which is little; what has ended among the ends; the dead among the dead letters.
        var of = query.Filter.IsAlive ? "w" : query.Filter.State is null ? "j" : "e";
        var select = new NpgsqlBatchCommand();
        var where = query.Filter.Where(of, tenant, select.Parameters);
        if (query.Before is { } before)
        {
            select.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = before });
            where.Add($"{of}.id < ${select.Parameters.Count}");
        }

        select.Parameters.Add(new NpgsqlParameter<int> { TypedValue = query.Page.Limit + 1 });
        select.CommandText = $"""
            SELECT {JobRows.Columns} FROM {JobRows.From} WHERE {string.Join(" AND ", where)}
            ORDER BY {of}.id DESC LIMIT ${select.Parameters.Count}
            """;
        return TenantRead.ListAsync(database, tenant, select, JobRows.Read, cancellationToken);
    }

    private sealed record Query(Page Page, Guid? Before, JobFilter Filter, IReadOnlySet<string>? Fields)
    {
        public static (Query? Query, Problem? Problem) Read(HttpContext http)
        {
            var errors = new List<InputError>();
            var filter = JobFilter.Read(http, errors);
            var (fields, badFields) = FieldSelection.Read(http, Job.FieldNames);
            var (page, badPage) = Page.Read(http, ListName, parts: 1);
            Guid before = default;
            if (page.After is { } parts && !TypeId.TryParse(IdPrefix.Job, parts[0], out before))
            {
                badPage = KnownProblems.InvalidCursor();
            }

            errors.AddRange([.. badFields?.Errors ?? [], .. badPage?.Errors ?? []]);
            return errors.Count == 0 ? (new(page, page.After is null ? null : before, filter, fields), null) : (null, KnownProblems.Validation(errors));
        }
    }
}
