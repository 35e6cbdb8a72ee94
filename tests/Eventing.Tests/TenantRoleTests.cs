using Npgsql;
using Platform.Embedded;
using Platform.Eventing.Database;
using Platform.Testing;

namespace Platform.Eventing.Tests;

/// <summary>Roles belong to the server, locks to a database.</summary>
public sealed class TenantRoleTests
{
    [Fact]
    public async Task Another_database_that_makes_the_role_at_the_same_moment_is_no_failure()
    {
        await using var server = await EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { DataDirectory = TemporaryFolder.Create(), RelaxedDurability = true }, CancellationToken.None);
        await using var admin = NpgsqlDataSource.Create(server.AdminConnectionString);
        await using var platform = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(server.AdminConnectionString) { Database = "platform" }.ConnectionString);
        await using (var tables = platform.CreateCommand("CREATE SCHEMA s; CREATE TABLE s.outbox (n int); CREATE TABLE s.inbox (n int)"))
        {
            await tables.ExecuteNonQueryAsync();
        }

        await using var other = await admin.OpenConnectionAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await using (var create = new NpgsqlCommand($"CREATE ROLE {DataSources.TenantRoleName} NOLOGIN", other))
        {
            await create.ExecuteNonQueryAsync();
        }

        var ensuring = TenantRole.EnsureAsync(platform, "s", CancellationToken.None);
        await Eventually.IsTrueAsync(async () =>
        {
            await using var waiting = admin.CreateCommand("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND locktype = 'transactionid')");
            return await waiting.ExecuteScalarAsync() is true;
        }, "the second waits for the first");
        await transaction.CommitAsync();
        Assert.Equal(AccessScope.TenantByRole, await ensuring);
    }
}
