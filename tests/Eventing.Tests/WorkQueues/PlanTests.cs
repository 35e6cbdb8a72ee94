using Platform.Testing;

namespace Platform.Eventing.Tests.WorkQueues;

/// <summary>A queue is mostly empty when its statistics are taken, and full when it matters.</summary>
public sealed class PlanTests
{
    private const int Items = 20_000;

    [Fact]
    public async Task What_was_planned_for_an_empty_table_does_not_read_all_of_a_full_one()
    {
        var database = await TestPostgres.CreateDatabaseAsync();
        await using (var instance = await WorkInstance.StartAsync(database))
        {
            // Once through, so that there are pages; then a table that is known to be empty.
            await instance.EnqueueAsync(100);
            await instance.IsEmptyAsync();
            await database.ExecuteAsync("VACUUM ANALYZE sample.work_item");
            await database.ExecuteAsync($"""
                INSERT INTO sample.work_item (tenant_id, id, queue, priority, state, rank, run_at)
                SELECT '{Guid.Empty}', gen_random_uuid(), 'default', 0, 1, now(), now() FROM generate_series(1, {Items})
                """);
            instance.Wake();
            await instance.IsEmptyAsync();
        }

        // Sessions tell what they have read when they end, at the latest.
        await Eventually.IsTrueAsync(
            async () => await database.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()") == 0,
            "the sessions have ended");
        var read = await database.ScalarAsync<long>("SELECT sum(idx_tup_read)::bigint FROM pg_stat_user_indexes WHERE schemaname = 'sample' AND relname = 'work_item'");
        Assert.InRange(read, Items, Items * 30L);
    }
}
