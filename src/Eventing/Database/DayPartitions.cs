using System.Globalization;
using Npgsql;

namespace Platform.Eventing.Database;

/// <summary>
/// Keeps the days of range-partitioned tables: <c>table_20260131</c>. Old days are dropped whole, which leaves no dead rows and
/// costs the same whatever they held.
/// </summary>
/// <remarks>
/// A day that is dropped can leave rows behind (<see cref="DayHeirs"/>). Each change is a transaction of its own that waits for a lock only briefly: nobody queues long behind it, and what did not get
/// its lock is done at the next turn. A day is attached, not created in place, which stops neither readers nor writers.
/// </remarks>
public static class DayPartitions
{
    private const int CreateAttempts = 3;

    /// <summary>
    /// Makes today's partition and <paramref name="daysAhead"/> more by the database's clock (UTC), and drops the oldest of those whose
    /// last moment is older than <paramref name="retention"/>: one day every six hours at most. A clock that jumps ahead then costs
    /// the oldest day and leaves time to notice, not everything at once; a backlog of old days is still gone four times as fast as
    /// it came. The schema has a table <c>partition_drop</c>, which remembers the last time.
    /// </summary>
    /// <param name="source">Connections of the platform's own scope.</param>
    /// <param name="tables">Tables whose days go together.</param>
    /// <param name="bound">SQL literal of the lower bound of a day.</param>
    /// <param name="dropping">Runs before a day goes, in no transaction; it may run again where the day could not be dropped at once.</param>
    /// <param name="heirs">What of a day outlives it; nothing when null.</param>
    public static async Task MaintainAsync(
        NpgsqlDataSource source, string schema, IReadOnlyList<string> tables, int daysAhead, TimeSpan retention,
        Func<DateOnly, string> bound, CancellationToken cancellationToken, Func<DateOnly, CancellationToken, Task>? dropping = null, DayHeirs? heirs = null)
    {
        var expired = new List<(string Table, DateOnly Day)>();
        foreach (var table in tables)
        {
            var (today, existing) = await ReadAsync(source, schema, table, cancellationToken);
            foreach (var day in Enumerable.Range(0, daysAhead + 1).Select(today.AddDays).Where(day => !existing.Contains(day)))
            {
                await CreateAsync(source, schema, table, day, bound, cancellationToken);
            }

            var oldest = today.AddDays(-(int)Math.Ceiling(retention.TotalDays) - 1);
            expired.AddRange(existing.Where(day => day < oldest).Select(day => (table, day)));
        }

        foreach (var day in expired.Select(e => e.Day).Distinct().Order())
        {
            if (heirs is not null && !await heirs.MayGo(day, cancellationToken))
            {
                continue;
            }

            if (dropping is not null)
            {
                await dropping(day, cancellationToken);
            }

            await DropAsync(source, schema, tables, [.. expired.Where(e => e.Day == day).Select(e => e.Table)], day, heirs, cancellationToken);
            return;
        }
    }

    /// <summary>The smallest UUIDv7 of a day, as an SQL literal: the bound of tables that are partitioned by such ids.</summary>
    public static string FirstIdOf(DateOnly day) => $"'{FirstIdOf(new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero))}'";

    /// <summary>The smallest UUIDv7 of a moment, by the millisecond.</summary>
    public static Guid FirstIdOf(DateTimeOffset time)
    {
        var hex = Math.Max(0, time.ToUnixTimeMilliseconds()).ToString("x12", CultureInfo.InvariantCulture);
        return Guid.ParseExact($"{hex[..8]}-{hex[8..]}-0000-0000-000000000000", "D");
    }

    private static async Task CreateAsync(
        NpgsqlDataSource source, string schema, string table, DateOnly day, Func<DateOnly, string> bound, CancellationToken cancellationToken)
    {
        // Rows of the day may have come before it, into the partition for what has no day (a clock ahead of ours): they move.
        var sql = $"""
            DO $$
            DECLARE
                parent CONSTANT regclass := '{schema}.{table}';
                other CONSTANT regclass := (SELECT NULLIF(partdefid, 0)::regclass FROM pg_partitioned_table WHERE partrelid = parent);
                part_key CONSTANT name := (SELECT a.attname FROM pg_partitioned_table p JOIN pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0]
                    WHERE p.partrelid = parent);
            BEGIN
                IF to_regclass('{schema}.{Name(table, day)}') IS NOT NULL THEN
                    RETURN;
                END IF;
                CREATE TABLE {schema}.{Name(table, day)} (LIKE {schema}.{table}
                    INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES INCLUDING STORAGE INCLUDING COMPRESSION INCLUDING GENERATED);
                IF other IS NOT NULL THEN
                    EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', other);
                    EXECUTE format('WITH moved AS (DELETE FROM %s WHERE tableoid = %s AND %I >= %L AND %I < %L RETURNING *)
                        INSERT INTO {schema}.{Name(table, day)} SELECT * FROM moved',
                        parent, other::oid, part_key, {bound(day)}, part_key, {bound(day.AddDays(1))});
                END IF;
                ALTER TABLE {schema}.{table} ATTACH PARTITION {schema}.{Name(table, day)} FOR VALUES FROM ({bound(day)}) TO ({bound(day.AddDays(1))});

                -- A partition does not inherit row-level security: without it, its name would be a way around its parent's policy.
                IF (SELECT relrowsecurity FROM pg_class WHERE oid = parent) THEN
                    ALTER TABLE {schema}.{Name(table, day)} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
                END IF;
            END $$
            """;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await ChangeAsync(source, schema, connection => ExecuteAsync(connection, sql, cancellationToken), cancellationToken);
                return;
            }
            catch (PostgresException e) when (IsLocked(e) && attempt < CreateAttempts)
            {
                // A writer of the table was longer at it than we wait.
            }
        }
    }

    private static async Task DropAsync(
        NpgsqlDataSource source, string schema, IReadOnlyList<string> tables, IReadOnlyList<string> ofDay, DateOnly day, DayHeirs? heirs,
        CancellationToken cancellationToken)
    {
        try
        {
            await ChangeAsync(source, schema, async connection =>
            {
                await using var allowed = new NpgsqlCommand($"""
                    INSERT INTO {schema}.partition_drop AS d (table_name, dropped_at) VALUES ($1, clock_timestamp())
                    ON CONFLICT (table_name) DO UPDATE SET dropped_at = excluded.dropped_at
                        WHERE d.dropped_at NOT BETWEEN excluded.dropped_at - interval '6 hours' AND excluded.dropped_at
                    RETURNING true
                    """, connection)
                {
                    Parameters = { new NpgsqlParameter<string> { TypedValue = tables[0] } },
                };
                if (await allowed.ExecuteScalarAsync(cancellationToken) is not true)
                {
                    return;
                }

                if (heirs is not null)
                {
                    await ExecuteAsync(connection, Detach(schema, tables, ofDay, day) + heirs.Move(day), cancellationToken);
                }

                await ExecuteAsync(connection, $"DROP TABLE IF EXISTS {string.Join(", ", ofDay.Select(t => $"{schema}.{Name(t, day)}"))}", cancellationToken);
            }, cancellationToken);
        }
        catch (PostgresException e) when (IsLocked(e))
        {
            // Somebody reads the table: nothing depends on an old day's going now, and there is another turn.
        }
    }

    /// <summary>
    /// Takes the day out of its tables, so that its rows find no place there but in the partition for what has no day. All tables are locked
    /// before anything is done, each for less than PostgreSQL's deadlock_timeout of a second: where a writer holds one and waits for
    /// another, it is not the writer that gives way.
    /// </summary>
    private static string Detach(string schema, IReadOnlyList<string> tables, IReadOnlyList<string> ofDay, DateOnly day) => $"""
        SET LOCAL lock_timeout = '300ms';
        LOCK TABLE {string.Join(", ", tables.Select(t => $"{schema}.{t}"))} IN ACCESS EXCLUSIVE MODE;
        {string.Join("\n", ofDay.Select(t => $"ALTER TABLE {schema}.{t} DETACH PARTITION {schema}.{Name(t, day)};"))}
        {string.Join("\n", ofDay.Select(t => $"ALTER TABLE {schema}.{Name(t, day)} NO FORCE ROW LEVEL SECURITY;"))}

        """;

    /// <summary>One transaction, alone in its schema, that does not wait long for the locks of others.</summary>
    private static async Task ChangeAsync(NpgsqlDataSource source, string schema, Func<NpgsqlConnection, Task> change, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(connection, $"""
            SELECT pg_advisory_xact_lock(hashtextextended('platform.partitions.{schema}', 0));
            SET LOCAL lock_timeout = '2s'
            """, cancellationToken);
        await change(connection);
        await transaction.CommitAsync(cancellationToken);
    }

    private static bool IsLocked(PostgresException e) => e.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected;

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<(DateOnly Today, HashSet<DateOnly> Existing)> ReadAsync(
        NpgsqlDataSource source, string schema, string table, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand("""
            SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date, NULL
            UNION ALL
            SELECT NULL, c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = ($1 || '.' || $2)::regclass AND length(c.relname) > 8
            """);
        command.Parameters.Add(new() { Value = schema });
        command.Parameters.Add(new() { Value = table });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var today = DateOnly.MinValue;
        var existing = new HashSet<DateOnly>();
        while (await reader.ReadAsync(cancellationToken))
        {
            if (!await reader.IsDBNullAsync(0, cancellationToken))
            {
                today = reader.GetFieldValue<DateOnly>(0);
            }
            else if (DateOnly.TryParseExact(reader.GetString(1)[^8..], "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            {
                existing.Add(day);
            }
        }

        return (today, existing);
    }

    /// <summary>The partition of a day.</summary>
    public static string Name(string table, DateOnly day) => $"{table}_{day.ToString("yyyyMMdd", CultureInfo.InvariantCulture)}";
}

/// <summary>Rows that outlive their day: they go to the partition for what has no day, in the transaction that drops theirs.</summary>
/// <param name="MayGo">False where there are too many of them to be moved at once: the day stays as it is, and is asked about at the next turn.</param>
/// <param name="Move">
/// SQL that inserts them into the tables again. It runs while the tables are locked against everybody, and the day's own
/// (<see cref="DayPartitions.Name"/>) are no partitions any more: it must be quick.
/// </param>
public sealed record DayHeirs(Func<DateOnly, CancellationToken, Task<bool>> MayGo, Func<DateOnly, string> Move);
