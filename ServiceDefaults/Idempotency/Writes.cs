using Microsoft.AspNetCore.Http;
using Npgsql;
using Platform.Eventing.Database;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.ServiceDefaults.Idempotency;

/// <summary>
/// The one way in which a service writes on behalf of a caller: tenant for row-level security, idempotency claim, state and
/// outbox in one transaction. The claim is the first statement and a plain insert: a twin that runs at the same time waits on the
/// primary key and then fails, which undoes its whole transaction; it answers with what the first one stored.
/// </summary>
public static class Writes
{
    private const int Attempts = 3;

    /// <summary>
    /// A write whose answer is known beforehand, in one round trip: every statement travels in one pipelined batch, which
    /// PostgreSQL runs as one transaction.
    /// </summary>
    /// <param name="effects">Adds the statements: state first, then events (see <see cref="Eventing.Outbox.OutboxWriter"/>).</param>
    public static async Task<IResult> ExecuteAsync(
        ServiceDatabase database, WriteRequest write, JsonAnswer answer, Action<NpgsqlBatch> effects, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var claim = write.Key is null ? null : IdempotencyStore.Claim(database.Schema, write, answer);
            try
            {
                await using var connection = await database.Requests.OpenConnectionAsync(cancellationToken);
                await using var batch = new NpgsqlBatch(connection);
                batch.BatchCommands.Add(TenantScope.Set(write.Tenant));
                if (claim is not null)
                {
                    batch.BatchCommands.Add(claim);
                }

                effects(batch);
                await batch.ExecuteNonQueryAsync(cancellationToken);
                database.OutboxWritten.Set();
                return answer;
            }
            catch (PostgresException e) when (IdempotencyStore.IsClaimed(e))
            {
                if (await IdempotencyStore.FindAsync(database, write, cancellationToken) is { } stored)
                {
                    return stored;
                }
            }
            catch (PostgresException e) when (IdempotencyStore.IsHeld(e, claim))
            {
                return KnownProblems.IdempotencyInProgress();
            }

            // The first one was rolled back, or its record expired, between the claim and the look: the claim is free now.
            if (attempt == Attempts)
            {
                return KnownProblems.IdempotencyInProgress();
            }
        }
    }

    /// <summary>
    /// A write that must read before it can answer. <paramref name="body"/> runs inside the transaction, claim made and tenant set, and
    /// returns the answer or a <see cref="Problem"/>; a problem undoes what the body wrote. A 4xx that the state decided (404, 409,
    /// 412, ...) is stored as well: the same request gets the same answer.
    /// </summary>
    public static async Task<IResult> TransactAsync(
        ServiceDatabase database, WriteRequest write, string requestId, Func<WriteTransaction, Task<IResult>> body, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var claim = write.Key is null ? null : IdempotencyStore.Claim(database.Schema, write, answer: null);
            try
            {
                await using var connection = await database.Requests.OpenConnectionAsync(cancellationToken);
                var transaction = new WriteTransaction(database, connection, write);
                await transaction.BeginAsync(claim, cancellationToken);
                var result = await body(transaction);
                await transaction.CommitAsync(result, requestId, cancellationToken);
                return result;
            }
            catch (PostgresException e) when (IdempotencyStore.IsClaimed(e))
            {
                if (await IdempotencyStore.FindAsync(database, write, cancellationToken) is { } stored)
                {
                    return stored;
                }
            }
            catch (PostgresException e) when (IdempotencyStore.IsHeld(e, claim))
            {
                return KnownProblems.IdempotencyInProgress();
            }

            if (attempt == Attempts)
            {
                return KnownProblems.IdempotencyInProgress();
            }
        }
    }
}
