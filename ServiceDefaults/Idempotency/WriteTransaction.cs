using Microsoft.AspNetCore.Http;
using Npgsql;
using Platform.Eventing.Database;
using Platform.Eventing.Outbox;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.ServiceDefaults.Idempotency;

/// <summary>An open transaction on behalf of a caller: its tenant is set, its idempotency key is claimed.</summary>
public sealed class WriteTransaction
{
    private readonly ServiceDatabase _database;
    private readonly WriteRequest _write;
    private readonly List<OutboxMessage> _published = [];
    private readonly List<Action> _afterCommit = [];
    private readonly List<NpgsqlBatchCommand> _effects = [];

    internal WriteTransaction(ServiceDatabase database, NpgsqlConnection connection, WriteRequest write)
    {
        _database = database;
        Connection = connection;
        _write = write;
    }

    /// <summary>In the transaction.</summary>
    public NpgsqlConnection Connection { get; }

    public Guid Tenant => _write.Tenant;

    /// <summary>Adds a statement that travels with the commit, in one round trip: for changes whose outcome is known beforehand.</summary>
    public void Add(NpgsqlBatchCommand effect) => _effects.Add(effect);

    /// <summary>Emits an event with the effects; goes to the outbox just before the commit, after the rows it is about were locked.</summary>
    public void Publish(OutboxMessage message) => _published.Add(message);

    /// <summary>Runs after the commit and is lost by a crash: for wake-ups only.</summary>
    public void AfterCommit(Action action) => _afterCommit.Add(action);

    /// <summary>A command in the transaction with positional parameters.</summary>
    public NpgsqlCommand Command(string sql, params object?[] parameters)
    {
        var command = new NpgsqlCommand(sql, Connection);
        foreach (var value in parameters)
        {
            command.Parameters.Add(value as NpgsqlParameter ?? new NpgsqlParameter { Value = value ?? DBNull.Value });
        }

        return command;
    }

    /// <param name="claim">Of the idempotency key; null without one.</param>
    internal async Task BeginAsync(NpgsqlBatchCommand? claim, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(Connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand("BEGIN"));
        batch.BatchCommands.Add(TenantScope.Set(_write.Tenant));
        if (claim is not null)
        {
            batch.BatchCommands.Add(claim);
            batch.BatchCommands.Add(new NpgsqlBatchCommand("SAVEPOINT claimed"));
        }

        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    internal async Task CommitAsync(IResult result, string requestId, CancellationToken cancellationToken)
    {
        var answer = ToStored(result, requestId);
        await using var batch = new NpgsqlBatch(Connection);
        if (result is Problem)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(_write.Key is null || answer is null ? "ROLLBACK" : "ROLLBACK TO SAVEPOINT claimed"));
        }
        else
        {
            foreach (var effect in _effects)
            {
                batch.BatchCommands.Add(effect);
            }

            OutboxWriter.AppendMany(batch, _database.Schema, _published);
        }

        if (_write.Key is not null && answer is not null)
        {
            batch.BatchCommands.Add(IdempotencyStore.Complete(_database.Schema, _write, answer));
        }

        if (result is not Problem || (_write.Key is not null && answer is not null))
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));
        }

        await batch.ExecuteNonQueryAsync(cancellationToken);
        if (result is Problem)
        {
            return;
        }

        if (_published.Count > 0)
        {
            _database.OutboxWritten.Set();
        }

        foreach (var action in _afterCommit)
        {
            action();
        }
    }

    /// <summary>The answer as it is stored, or null for what must not be: 401, 429 and 5xx.</summary>
    private static JsonAnswer? ToStored(IResult result, string requestId) => result switch
    {
        JsonAnswer answer => answer,
        Problem { Status: < 500 and not (401 or 429) } problem => new(problem.Status, problem.ToJson(requestId)) { ContentType = "application/problem+json" },
        Problem => null,
        _ => throw new InvalidOperationException($"A write must end in a JsonAnswer or a Problem, not in {result.GetType().Name}."),
    };
}
