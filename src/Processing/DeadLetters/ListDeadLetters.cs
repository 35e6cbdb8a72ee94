using Npgsql;
using Platform.Contracts.Identifiers;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.DeadLetters;

/// <summary>
/// <c>GET /v1/dead-letters?source=&amp;type=&amp;group=&amp;topic=&amp;since=&amp;until=&amp;limit=&amp;cursor=</c>, of all sources, newest first. Who may see
/// operations also sees the letters of no organization.
/// </summary>
internal static class ListDeadLetters
{
    private const string ListName = "dead-letters";

    public static async Task<IResult> HandleAsync(HttpContext http, ProcessingDatabase database)
    {
        var errors = new List<InputError>();
        var filter = LetterFilter.Read(http, errors);
        var (page, badPage) = Page.Read(http, ListName, parts: 2);
        (DateTimeOffset, Guid)? before = null;
        if (page.After is { } parts)
        {
            if (Rfc3339.TryParse(parts[0], out var diedAt) && TypeId.TryParse(IdPrefix.DeadLetter, parts[1], out var id))
            {
                before = (diedAt, id);
            }
            else
            {
                badPage = KnownProblems.InvalidCursor();
            }
        }

        errors.AddRange(badPage?.Errors ?? []);
        if (errors.Count > 0)
        {
            return KnownProblems.Validation(errors);
        }

        var letters = await ReadAsync(database, http.Principal().TenantId, filter, before, page.Limit + 1, http.RequestAborted);
        return FieldSelection.List(
            letters, page.Limit, (letter, json) => letter.WriteTo(json), l => Page.Encode(ListName, Rfc3339.Format(l.DiedAt), l.PublicId));
    }

    /// <summary>One round trip. Each tenant's rows are read under that tenant alone, so the wall of row-level security stands here too.</summary>
    private static async Task<List<Letter>> ReadAsync(
        ProcessingDatabase database, Guid tenant, LetterFilter filter, (DateTimeOffset, Guid)? before, int limit, CancellationToken cancellationToken)
    {
        var selects = new List<(NpgsqlBatchCommand Command, Func<NpgsqlDataReader, Letter>? Read)> { (TenantScope.Set(tenant), null) };
        if (filter.WantsJobs)
        {
            selects.Add((Select(LetterRows.JobColumns, LetterRows.Jobs, p => filter.JobsWhere(tenant, p), before, limit), LetterRows.ReadJob));
        }

        if (filter.WantsLetters)
        {
            selects.Add((Select(LetterRows.Columns, LetterRows.Letters, p => filter.LettersWhere(tenant, p), before, limit), LetterRows.Read));
            if (filter.IsOperator)
            {
                selects.Add((TenantScope.Set(Guid.Empty), null));
                selects.Add((Select(LetterRows.Columns, LetterRows.Letters, p => filter.LettersWhere(Guid.Empty, p), before, limit), LetterRows.Read));
            }
        }

        await using var connection = await database.Requests.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection);
        selects.ForEach(s => batch.BatchCommands.Add(s.Command));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var letters = new List<Letter>();
        foreach (var (_, read) in selects)
        {
            while (read is not null && await reader.ReadAsync(cancellationToken))
            {
                letters.Add(read(reader));
            }

            await reader.NextResultAsync(cancellationToken);
        }

        // Ids as the database orders them: by their bytes.
        return [.. letters.OrderByDescending(l => l.DiedAt).ThenByDescending(l => l.PublicId, StringComparer.Ordinal).Take(limit)];
    }

    private static NpgsqlBatchCommand Select(
        string columns, string from, Func<NpgsqlParameterCollection, string> where, (DateTimeOffset DiedAt, Guid Id)? before, int limit)
    {
        var select = new NpgsqlBatchCommand();
        var conditions = where(select.Parameters);
        if (before is { } last)
        {
            conditions += $" AND (d.died_at, d.id) < ({LetterFilter.Bind(select.Parameters, last.DiedAt)}, {LetterFilter.Bind(select.Parameters, last.Id)})";
        }

        select.CommandText = $"SELECT {columns} FROM {from} WHERE {conditions} ORDER BY d.died_at DESC, d.id DESC LIMIT {LetterFilter.Bind(select.Parameters, limit)}";
        return select;
    }
}
