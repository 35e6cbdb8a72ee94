using Microsoft.Extensions.Options;
using Npgsql;
using Platform.Auth.ApiKeys;
using Platform.Contracts.Events;
using Platform.Contracts.Identifiers;
using Platform.Eventing.Outbox;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Hosting;

namespace Platform.Auth.FirstKey;

/// <summary>
/// On an empty installation: the organization <c>default</c> and one owner key. Instances that start at once wait for each other, and
/// the second finds it done.
/// </summary>
internal sealed class CreateFirstKey(
    AuthDatabase database, FirstKeyFile file, IFirstKeyAnnouncer announcer, IOptions<AuthOptions> options, TimeProvider clock) : IStartupTask
{
    private const string Slug = "default";

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.System.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await FindAsync(connection, cancellationToken) is { } existing)
        {
            await transaction.CommitAsync(cancellationToken);
            file.Confirm(existing);
            return;
        }

        var tenant = TypeId.New(clock);
        var (key, text) = ApiKey.New(options.Value.KeyEnvironment, "owner", Roles.Owner, ["*"], rateLimit: null, expiresAt: null, actor: null, clock);
        await InsertAsync(connection, tenant, key, cancellationToken);
        file.Prepare(key.Id, text);
        await transaction.CommitAsync(cancellationToken);
        database.OutboxWritten.Set();
        file.Confirm(key.Id);
        announcer.Announce(text, file.Path);
    }

    /// <summary>The first key of the installation, whatever became of it; the lock holds until the transaction ends.</summary>
    private static async Task<Guid?> FindAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new("SELECT pg_advisory_xact_lock(hashtextextended('platform.auth.first_key', 0))"),
                new("SELECT k.id FROM auth.organization o JOIN auth.api_key k USING (tenant_id) WHERE o.slug = $1 ORDER BY k.id LIMIT 1")
                {
                    Parameters = { new NpgsqlParameter<string> { TypedValue = Slug } },
                },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? reader.GetGuid(0) : null;
    }

    private async Task InsertAsync(NpgsqlConnection connection, Guid tenant, ApiKey key, CancellationToken cancellationToken)
    {
        var organization = TypeId.Format(IdPrefix.Organization, tenant);
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new("INSERT INTO auth.organization (tenant_id, slug, name, created_at) VALUES ($1, $2, $2, $3)")
                {
                    Parameters =
                    {
                        new NpgsqlParameter<Guid> { TypedValue = tenant },
                        new NpgsqlParameter<string> { TypedValue = Slug },
                        new NpgsqlParameter<DateTimeOffset> { TypedValue = key.CreatedAt },
                    },
                },
                ApiKeyRows.Insert(tenant, key),
            },
        };
        OutboxWriter.AppendMany(batch, database.Schema,
        [
            OutboxMessage.Create("auth", tenant, organization, new OrganizationCreated { Id = organization, Name = Slug }, clock),
            key.Changed(tenant, "created", actor: null, clock),
        ]);
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }
}
