using Npgsql;
using Platform.Contracts.Identifiers;
using Platform.Eventing.WorkQueues;
using Platform.Processing.Jobs;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.DeadLetters;

/// <summary>
/// <c>POST /v1/dead-letters/{id}:redrive</c>: 200. A job: the job, which has a fresh set of attempts; its letter is gone. Anything else: the
/// letter, which is <c>redriving</c> until the service that gave it up has tried again; asking twice is asking once.
/// </summary>
internal static class RedriveDeadLetter
{
    public static async Task<IResult> HandleAsync(
        string id, HttpContext http, ProcessingDatabase database, WorkSignal<ProcessingDatabase> signal, TimeProvider clock)
    {
        if (!TypeId.TryParse(IdPrefix.DeadLetter, id, out var key))
        {
            return KnownProblems.NotFound("dead letter");
        }

        var isOperator = http.Principal().May(Scopes.OperationsWrite);
        var (write, badKey) = WriteRequest.Of(http);
        return badKey ?? await Writes.TransactAsync(database, write, RequestId.Of(http), async transaction =>
        {
            transaction.AfterCommit(signal.Set);
            await using var select = transaction.Command(
                "SELECT job_id FROM processing.dead_letter WHERE tenant_id = $1 AND id = $2", transaction.Tenant, key);
            if (await select.ExecuteScalarAsync(http.RequestAborted) is Guid job)
            {
                // The job's row is what two redrives at once wait on; the second finds it alive.
                return await JobRows.LockAsync(transaction, job, http.RequestAborted) is { State: JobState.Dead } dead
                    ? await RetryJob.StartOverAsync(transaction, dead, clock, http.RequestAborted)
                    : KnownProblems.NotFound("dead letter");
            }

            return await RedriveAsync(transaction, transaction.Tenant, key, isOperator, clock, http.RequestAborted)
                ?? (isOperator ? await RedriveAsync(transaction, Guid.Empty, key, isOperator, clock, http.RequestAborted) : null)
                ?? KnownProblems.NotFound("dead letter");
        }, http.RequestAborted);
    }

    /// <summary>Null when the tenant has no such letter.</summary>
    private static async Task<IResult?> RedriveAsync(
        WriteTransaction transaction, Guid tenant, Guid id, bool isOperator, TimeProvider clock, CancellationToken cancellationToken)
    {
        var filter = new LetterFilter { Ids = [id], IsOperator = isOperator };
        var (taken, _) = await RedriveRequests.TakeAsync(transaction, tenant, filter, limit: 1, clock, cancellationToken);
        var letter = taken.Count == 1 ? taken[0] : await FindAsync(transaction, tenant, filter, cancellationToken);
        return letter is null ? null : JsonAnswer.Ok(JsonBytes.Write(letter.WriteTo));
    }

    /// <summary>One that is redriving already.</summary>
    private static async Task<Letter?> FindAsync(WriteTransaction transaction, Guid tenant, LetterFilter filter, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(transaction.Connection) { BatchCommands = { TenantScope.Set(tenant) } };
        var select = new NpgsqlBatchCommand();
        select.CommandText = $"SELECT {LetterRows.Columns} FROM {LetterRows.Letters} WHERE {filter.LettersWhere(tenant, select.Parameters)}";
        batch.BatchCommands.Add(select);
        batch.BatchCommands.Add(TenantScope.Set(transaction.Tenant));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? LetterRows.Read(reader) : null;
    }
}
