using Microsoft.Extensions.Options;
using Npgsql;
using Platform.Eventing.Hosting;
using Platform.Eventing.Outbox;

namespace Platform.Auth.ApiKeys;

/// <summary>
/// The topic forgets after 90 days, and a service that starts new knows only what the topic holds: so a key that works is published
/// again, unchanged, when its last event is 30 days old. Looked for at start and daily, on every instance: rows that another one has
/// in hand are skipped.
/// </summary>
internal sealed partial class RepublishApiKeys(
    AuthDatabase database, IOptions<AuthOptions> options, TimeProvider clock, ILogger<RepublishApiKeys> logger)
    : PeriodicWorker(TimeSpan.FromDays(1), clock)
{
    private const int Bite = 200;

    protected override bool RunsAtStart => true;

    /// <summary>Publishes what is due. Returns how many.</summary>
    internal async Task<int> PublishDueAsync(CancellationToken cancellationToken)
    {
        var total = 0;
        while (true)
        {
            var published = await RunBiteAsync(cancellationToken);
            total += published;
            if (published < Bite)
            {
                return total;
            }
        }
    }

    public override async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        if (await PublishDueAsync(cancellationToken) is > 0 and var count)
        {
            LogPublished(count);
        }
    }

    private async Task<int> RunBiteAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.System.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var messages = await TakeAsync(connection, cancellationToken);
        if (messages.Count > 0)
        {
            await using var append = new NpgsqlBatch(connection);
            OutboxWriter.AppendMany(append, database.Schema, messages);
            await append.ExecuteNonQueryAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        database.OutboxWritten.Set();
        return messages.Count;
    }

    private async Task<List<OutboxMessage>> TakeAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var now = Clock.GetUtcNow();
        await using var take = new NpgsqlCommand($"""
            UPDATE auth.api_key SET published_at = $1 WHERE (tenant_id, id) IN (
                SELECT tenant_id, id FROM auth.api_key
                WHERE revoked_at IS NULL AND published_at < $2 AND (expires_at IS NULL OR expires_at > $1)
                LIMIT {Bite} FOR UPDATE SKIP LOCKED)
            RETURNING tenant_id, {ApiKeyRows.Columns}
            """, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<DateTimeOffset> { TypedValue = now },
                new NpgsqlParameter<DateTimeOffset> { TypedValue = now - options.Value.RepublishAfter },
            },
        };
        await using var reader = await take.ExecuteReaderAsync(cancellationToken);
        var messages = new List<OutboxMessage>();
        while (await reader.ReadAsync(cancellationToken))
        {
            messages.Add(ApiKeyRows.Read(reader, first: 1).Changed(reader.GetGuid(0), "republished", actor: null, Clock));
        }

        return messages;
    }

    [LoggerMessage(3101, LogLevel.Information, "{Count} API keys were published again")]
    private partial void LogPublished(int count);

    [LoggerMessage(3102, LogLevel.Warning, "Publishing API keys again failed; it is tried again tomorrow")]
    protected override partial void LogFailed(Exception exception);
}
