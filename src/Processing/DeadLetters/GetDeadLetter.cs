using Npgsql;
using Platform.Contracts.Identifiers;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.DeadLetters;

/// <summary><c>GET /v1/dead-letters/{id}</c>: the letter with its headers and the first 64 KiB of its payload.</summary>
internal static class GetDeadLetter
{
    public static async Task<IResult> HandleAsync(string id, HttpContext http, ProcessingDatabase database)
    {
        if (!TypeId.TryParse(IdPrefix.DeadLetter, id, out var key))
        {
            return KnownProblems.NotFound("dead letter");
        }

        var letter = await FindAsync(database, http.Principal().TenantId, key, http.Principal().May(Scopes.OperationsRead), http.RequestAborted);
        return letter is null ? KnownProblems.NotFound("dead letter") : JsonAnswer.Ok(JsonBytes.Write(letter.WriteTo));
    }

    private static async Task<Letter?> FindAsync(ProcessingDatabase database, Guid tenant, Guid id, bool isOperator, CancellationToken cancellationToken)
    {
        var filter = new LetterFilter { Ids = [id], IsOperator = isOperator };
        await using var connection = await database.Requests.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                TenantScope.Set(tenant),
                Select($"{LetterRows.JobColumns}, j.payload", LetterRows.Jobs, p => filter.JobsWhere(tenant, p)),
                Select($"{LetterRows.Columns}, d.headers, d.payload, d.payload_size", LetterRows.Letters, p => filter.LettersWhere(tenant, p)),
            },
        };
        if (isOperator)
        {
            batch.BatchCommands.Add(TenantScope.Set(Guid.Empty));
            batch.BatchCommands.Add(Select(
                $"{LetterRows.Columns}, d.headers, d.payload, d.payload_size", LetterRows.Letters, p => filter.LettersWhere(Guid.Empty, p)));
        }

        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        if (await reader.ReadAsync(cancellationToken))
        {
            var payload = reader.GetFieldValue<byte[]>(9);
            var size = payload.Length;
            return LetterRows.ReadJob(reader) with
            {
                Content = new("{}", size > LetterContent.MaxPayload ? payload.AsMemory(0, LetterContent.MaxPayload) : payload, size),
            };
        }

        while (await reader.NextResultAsync(cancellationToken))
        {
            // The columns of a letter are more than the one of the setting in between.
            if (reader.FieldCount > 1 && await reader.ReadAsync(cancellationToken))
            {
                return LetterRows.Read(reader) with
                {
                    Content = new(reader.GetString(16), reader.GetFieldValue<byte[]>(17), reader.GetInt32(18)),
                };
            }
        }

        return null;
    }

    private static NpgsqlBatchCommand Select(string columns, string from, Func<NpgsqlParameterCollection, string> where)
    {
        var select = new NpgsqlBatchCommand();
        select.CommandText = $"SELECT {columns} FROM {from} WHERE {where(select.Parameters)}";
        return select;
    }
}
