namespace Platform.Embedded.Server;

/// <summary>
/// The settings that differ from PostgreSQL's defaults. They go on the command line, so that they belong to the start and not to
/// the cluster. Tried with pgbench (16 clients, prepared single-row inserts, two cores) and left at their defaults, because they
/// made no difference beyond the noise: commit_delay, wal_sync_method, wal_buffers, wal_init_zero, wal_recycle, wal_level=minimal
/// (which would also rule out base backups), huge_pages, update_process_title.
/// </summary>
internal static class ServerSettings
{
    private const long Megabyte = 1024 * 1024;

    public static IReadOnlyList<string> For(int majorVersion, EmbeddedPostgresOptions options)
    {
        List<string> settings =
        [
            // Nobody outside of this machine, and no socket file that others could take the place of.
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            $"max_connections={options.MaxConnections}",

            // Memory: only touched pages become resident, so the cap bounds what a busy day leaves behind.
            $"shared_buffers={SharedBuffersMegabytes()}MB",
            // The planner's view of the cache that the system's page cache adds.
            $"effective_cache_size={SharedBuffersMegabytes() * 3}MB",
            // Index builds and vacuum finish in one pass over a few million rows.
            "maintenance_work_mem=128MB",

            // Fewer and smoother checkpoints: full-page images are most of the WAL right after one.
            "max_wal_size=4GB",
            "checkpoint_timeout=15min",
            "checkpoint_completion_target=0.9",
            // Halves those images; costs nothing measurable. (The build has no lz4.)
            "wal_compression=on",

            // Said, not just left, because "acknowledged is durable" rests on it.
            "synchronous_commit=on",
            $"fsync={(options.RelaxedDurability ? "off" : "on")}",
            $"full_page_writes={(options.RelaxedDurability ? "off" : "on")}",

            // Solid-state disks and short statements: compiling a plan costs more than it saves.
            "random_page_cost=1.1",
            "jit=off",

            // Queues and the outbox delete as much as they insert: clean up early, in small steps.
            "autovacuum_naptime=10s",
            "autovacuum_vacuum_scale_factor=0.05",
            "autovacuum_vacuum_insert_scale_factor=0.05",
            "autovacuum_analyze_scale_factor=0.05",
            "autovacuum_vacuum_cost_delay=1ms",

            // A transaction that was forgotten open keeps vacuum and the queues' tail back.
            "idle_in_transaction_session_timeout=5min",
            // Finds peers that vanished without a word, and the locks they hold.
            "tcp_keepalives_idle=60",
            "tcp_keepalives_interval=10",
            "tcp_keepalives_count=3",

            // Start, stop, recovery and fatal errors. Not ERROR: unique violations are part of idempotency, not news.
            "log_min_messages=log",
            "log_checkpoints=off",
            "log_timezone=UTC",
            "timezone=UTC",

            // No subscriptions: spares the launcher process.
            "max_logical_replication_workers=0",
        ];
        if (majorVersion >= 18)
        {
            // No difference in commit rate, and three processes (19 MB) fewer than with io_method=worker.
            settings.Add("io_method=sync");
        }

        return settings;
    }

    // A quarter of the machine (or of the container), between a small machine's 64 MB and 512 MB: the page cache does the rest.
    private static long SharedBuffersMegabytes() =>
        Math.Clamp(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4 / Megabyte, 64, 512);
}
