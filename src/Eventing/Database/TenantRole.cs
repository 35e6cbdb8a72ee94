using Npgsql;

namespace Platform.Eventing.Database;

/// <summary>
/// Superusers and roles with BYPASSRLS walk through row-level security. Where the login role is one of them, requests run
/// under a role that is not.
/// </summary>
internal static class TenantRole
{
    public static async Task<AccessScope> EnsureAsync(NpgsqlDataSource source, string schema, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var check = new NpgsqlCommand(
            "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user", connection);
        if (await check.ExecuteScalarAsync(cancellationToken) is not true)
        {
            return AccessScope.Tenant;
        }

        // Two services may start at once: the lock serialises the grants of one database, which would collide otherwise. Roles belong to
        // the whole server, and the lock does not reach into its other databases: there, the second to make the role finds it made.
        await using var grant = new NpgsqlCommand($"""
            SELECT pg_advisory_xact_lock(hashtext('platform.tenant_role'));
            DO $$ BEGIN
                IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{DataSources.TenantRoleName}') THEN
                    CREATE ROLE {DataSources.TenantRoleName} NOLOGIN NOSUPERUSER NOBYPASSRLS;
                END IF;
            EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
            END $$;
            GRANT USAGE ON SCHEMA {schema} TO {DataSources.TenantRoleName};
            GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {DataSources.TenantRoleName};
            GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {DataSources.TenantRoleName};

            -- The platform's own tables: requests add to the outbox, and that is all.
            DO $$ DECLARE own regclass; BEGIN
                FOR own IN SELECT c.oid::regclass FROM pg_class c
                    WHERE c.relnamespace = '{schema}'::regnamespace AND c.relkind IN ('r', 'p')
                      AND (c.relname IN ('outbox', 'relay_leader', 'consumer_offset', 'stream_era', 'inbox', 'parked_event', 'dead_event', 'partition_drop', 'migration')
                        OR EXISTS (SELECT FROM pg_inherits WHERE inhrelid = c.oid AND inhparent = '{schema}.inbox'::regclass))
                LOOP
                    EXECUTE format('REVOKE ALL ON %s FROM {DataSources.TenantRoleName}', own);
                END LOOP;
            END $$;
            GRANT INSERT ON {schema}.outbox TO {DataSources.TenantRoleName};
            """, connection);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await grant.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return AccessScope.TenantByRole;
    }
}
