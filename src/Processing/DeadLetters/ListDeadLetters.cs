using System.Text.Json;
using Npgsql;
using Platform.Contracts.Identifiers;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.DeadLetters;

/// <summary><c>GET /v1/dead-letters?source=jobs&amp;limit=&amp;cursor=</c>, newest first: what no attempt could do, with its reason and history.</summary>
internal static class ListDeadLetters
{
    private const string ListName = "dead-letters";
    private const string Source = "jobs";

    public static async Task<IResult> HandleAsync(HttpContext http, ProcessingDatabase database)
    {
        var errors = new List<InputError>();
        if (http.Request.Query.TryGetValue("source", out var source) && source != Source)
        {
            errors.Add(new("source", "invalid_value", $"'source' is {Source}."));
        }

        var (page, badPage) = Page.Read(http, ListName, parts: 1);
        var before = Guid.AllBitsSet;
        if (page.After is { } parts && !TypeId.TryParse(IdPrefix.DeadLetter, parts[0], out before))
        {
            badPage = KnownProblems.InvalidCursor();
        }

        errors.AddRange(badPage?.Errors ?? []);
        if (errors.Count > 0)
        {
            return KnownProblems.Validation(errors);
        }

        var letters = await ReadAsync(database, http.Principal().TenantId, before, page.Limit + 1, http.RequestAborted);
        return FieldSelection.List(letters, page.Limit, Write, l => Page.Encode(ListName, l.PublicId));
    }

    private static async Task<List<Letter>> ReadAsync(ProcessingDatabase database, Guid tenant, Guid before, int limit, CancellationToken cancellationToken)
    {
        var select = new NpgsqlBatchCommand("""
            SELECT d.id, d.job_id, d.reason, d.attempts, d.died_at, j.queue, j.type, j.errors
            FROM processing.dead_letter d JOIN processing.job j ON j.tenant_id = d.tenant_id AND j.id = d.job_id
            WHERE d.tenant_id = $1 AND d.id < $2 ORDER BY d.id DESC LIMIT $3
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = tenant },
                new NpgsqlParameter<Guid> { TypedValue = before },
                new NpgsqlParameter<int> { TypedValue = limit },
            },
        };
        await using var connection = await database.Requests.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { TenantScope.Set(tenant), select } };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var letters = new List<Letter>();
        while (await reader.ReadAsync(cancellationToken))
        {
            letters.Add(new(TypeId.Format(IdPrefix.DeadLetter, reader.GetGuid(0)), TypeId.Format(IdPrefix.Job, reader.GetGuid(1)), reader.GetString(2),
                reader.GetInt32(3), reader.GetFieldValue<DateTimeOffset>(4), reader.GetString(5), reader.GetString(6), reader.GetFieldValue<byte[]>(7)));
        }

        return letters;
    }

    private static void Write(Letter letter, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("id", letter.PublicId);
        json.WriteString("source", Source);
        json.WriteString("job_id", letter.JobId);
        json.WriteString("queue", letter.Queue);
        json.WriteString("type", letter.Type);
        json.WriteString("reason", letter.Reason);
        json.WriteNumber("attempts", letter.Attempts);
        json.WriteRaw("errors", letter.Errors);
        json.WriteString("died_at", Rfc3339.Format(letter.DiedAt));
        json.WriteEndObject();
    }

    private sealed record Letter(
        string PublicId, string JobId, string Reason, int Attempts, DateTimeOffset DiedAt, string Queue, string Type, ReadOnlyMemory<byte> Errors);
}
