using Npgsql;
using Platform.Eventing.Database;
using Platform.Eventing.Outbox;

namespace Platform.Testing;

/// <summary>Events as a service commits them.</summary>
public static class OutboxCalls
{
    /// <summary>In one transaction; twice the same message is what a relay does after a crash.</summary>
    public static async Task AppendAsync(this ServiceDatabase database, params OutboxMessage[] messages)
    {
        await using var connection = await database.System.OpenConnectionAsync();
        await using var batch = new NpgsqlBatch(connection);
        OutboxWriter.AppendMany(batch, database.Schema, messages);
        await batch.ExecuteNonQueryAsync();
        database.OutboxWritten.Set();
    }
}
