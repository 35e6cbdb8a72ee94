using Npgsql;
using Platform.Contracts.Events;
using Platform.Eventing.Streams.Postgres;
using Platform.Testing;

namespace Platform.Eventing.Tests;

/// <summary>Days come and go; readers notice neither.</summary>
public sealed class RetentionTests
{
    /// <summary>Ages of the days of the stream's core topic.</summary>
    private const string Ages = """
        SELECT array_agg((now() AT TIME ZONE 'UTC')::date - to_date(right(relname, 8), 'YYYYMMDD'))
        FROM pg_inherits JOIN pg_class ON oid = inhrelid WHERE inhparent = 'stream.events_core'::regclass
        """;

    [Fact]
    public async Task Maintenance_makes_days_ahead_and_drops_days_past_the_retention_one_in_six_hours()
    {
        await using var instance = await SampleInstance.StartAsync(consume: false);
        await instance.Database.ExecuteAsync("""
            DO $$ DECLARE d int; BEGIN
                FOREACH d IN ARRAY ARRAY[1, 7, 8, 9, 30] LOOP
                    EXECUTE format('CREATE TABLE stream.events_core_%s PARTITION OF stream.events_core FOR VALUES FROM (%L) TO (%L)',
                        to_char((now() AT TIME ZONE 'UTC')::date - d, 'YYYYMMDD'), (now() AT TIME ZONE 'UTC')::date - d, (now() AT TIME ZONE 'UTC')::date - d + 1);
                END LOOP;
            END $$;
            """);
        await using var source = NpgsqlDataSource.Create(instance.Database.ConnectionString);
        await StreamSchema.MaintainAsync(source, Topics.All, CancellationToken.None);
        Assert.Equal([-3, -2, -1, 0, 1, 7, 8, 9], (await instance.Database.ScalarAsync<int[]>(Ages)).Order());

        // Not at once again, but after six hours, and not never where the clock was ahead when it was noted.
        await StreamSchema.MaintainAsync(source, Topics.All, CancellationToken.None);
        Assert.Equal(8, (await instance.Database.ScalarAsync<int[]>(Ages)).Length);
        await instance.Database.ExecuteAsync("UPDATE stream.partition_drop SET dropped_at = dropped_at + interval '300 days'");
        await StreamSchema.MaintainAsync(source, Topics.All, CancellationToken.None);
        Assert.Equal([-3, -2, -1, 0, 1, 7, 8], (await instance.Database.ScalarAsync<int[]>(Ages)).Order());
    }

    [Fact]
    public async Task A_reader_that_is_long_at_it_delays_the_drop_and_stops_neither_the_other_topics_nor_the_days_ahead()
    {
        await using var instance = await SampleInstance.StartAsync(consume: false);
        await instance.Database.ExecuteAsync("""
            DO $$ DECLARE t text; BEGIN
                FOREACH t IN ARRAY ARRAY['events_core', 'webhooks_delivery'] LOOP
                    EXECUTE format('CREATE TABLE stream.%s_20200101 PARTITION OF stream.%s FOR VALUES FROM (''2020-01-01'') TO (''2020-01-02'')', t, t);
                    EXECUTE format('DROP TABLE stream.%s_%s', t, to_char((now() AT TIME ZONE 'UTC')::date + 3, 'YYYYMMDD'));
                END LOOP;
            END $$;
            """);
        await using var source = NpgsqlDataSource.Create(instance.Database.ConnectionString);
        await using var reading = await source.OpenConnectionAsync();
        await using var transaction = await reading.BeginTransactionAsync();
        await using var read = new NpgsqlCommand("SELECT count(*) FROM stream.events_core", reading);
        await read.ExecuteScalarAsync();
        await StreamSchema.MaintainAsync(source, Topics.All, CancellationToken.None);
        Assert.Equal(1L, await instance.Database.ScalarAsync<long>("SELECT count(*) FROM pg_class WHERE relname LIKE '%\\_20200101' AND relkind = 'r'"));
        Assert.Contains(-3, await instance.Database.ScalarAsync<int[]>(Ages));
        await transaction.RollbackAsync();
        await StreamSchema.MaintainAsync(source, Topics.All, CancellationToken.None);
        Assert.Equal(0L, await instance.Database.ScalarAsync<long>("SELECT count(*) FROM pg_class WHERE relname LIKE '%\\_20200101' AND relkind = 'r'"));
    }

    [Fact]
    public async Task Inbox_rows_without_a_day_move_into_it_when_it_comes_and_are_forgotten_when_it_never_does()
    {
        await using var instance = await SampleInstance.StartAsync(consume: false);
        var now = TimeProvider.System.GetUtcNow();
        var (ahead, foreign, old) = (Guid.CreateVersion7(now.AddDays(3)), new Guid("00000000-0000-0000-0000-000000000001"), Guid.CreateVersion7(now.AddDays(-30)));
        await instance.Database.ExecuteAsync($"""
            DROP TABLE sample.inbox_{now.AddDays(3):yyyyMMdd};
            INSERT INTO sample.inbox (event_id, consumer_group) VALUES ('{ahead}', 'g'), ('{foreign}', 'g'), ('{old}', 'g')
            """);
        await instance.MaintainAsync();
        Assert.Equal($"inbox_{now.AddDays(3):yyyyMMdd}", await instance.Database.ScalarAsync<string>($"SELECT relname::text FROM sample.inbox JOIN pg_class c ON c.oid = inbox.tableoid WHERE event_id = '{ahead}'"));
        Assert.Equal(3L, await instance.CountAsync("sample.inbox"));

        await instance.Database.ExecuteAsync("UPDATE sample.inbox SET seen_at = seen_at - interval '9 days'");
        await instance.MaintainAsync();
        Assert.Equal(1L, await instance.CountAsync("sample.inbox"));
    }

    [Fact]
    public async Task A_reader_goes_on_over_midnight_and_over_what_retention_took()
    {
        await using var instance = await SampleInstance.StartAsync(consume: false);
        for (var n = 1; n <= 6; n++)
        {
            await instance.PublishAsync("a", n);
        }

        await Eventually.IsTrueAsync(async () => await instance.CountAsync("stream.events_core") == 6, "six events");

        // As if the first two had come three days ago and were gone, and the next two had come yesterday.
        await instance.Database.ExecuteAsync("""
            DO $$ BEGIN EXECUTE format('CREATE TABLE stream.events_core_yesterday PARTITION OF stream.events_core FOR VALUES FROM (%L) TO (%L)',
                (now() AT TIME ZONE 'UTC')::date - 1, (now() AT TIME ZONE 'UTC')::date); END $$;
            DELETE FROM stream.events_core WHERE stream_offset < 2;
            UPDATE stream.events_core SET day = day - 1 WHERE stream_offset < 4;
            """);
        await instance.StopAsync();
        await using var reader = await SampleInstance.StartAsync(instance.Database);
        await Eventually.IsTrueAsync(async () => (await reader.EffectsAsync("a")).Length == 4, "what is still there");
        await reader.PublishAsync("a", 7);
        await Eventually.IsTrueAsync(async () => (await reader.EffectsAsync("a")).Length == 5, "and what comes");
        Assert.Equal(new[] { 3, 4, 5, 6, 7 }, await reader.EffectsAsync("a"));
    }
}
