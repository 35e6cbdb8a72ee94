using Npgsql;
using Platform.Contracts.Events;
using Platform.Eventing.Streams.Postgres;
using Platform.Testing;

namespace Platform.Eventing.Tests;

/// <summary>Days come and go; readers notice neither.</summary>
public sealed class RetentionTests
{
    [Fact]
    public async Task Maintenance_drops_days_past_the_retention_and_makes_days_ahead()
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
        var ages = await instance.Database.ScalarAsync<int[]>("""
            SELECT array_agg((now() AT TIME ZONE 'UTC')::date - to_date(right(relname, 8), 'YYYYMMDD'))
            FROM pg_inherits JOIN pg_class ON oid = inhrelid WHERE inhparent = 'stream.events_core'::regclass
            """);
        Assert.Equal([-3, -2, -1, 0, 1, 7, 8], ages.Order());
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
