using Npgsql;
using Platform.Eventing.Outbox;
using Platform.Testing;

namespace Platform.Eventing.Tests;

/// <summary>What a request's connection can do with the platform's own tables: add to the outbox, and nothing else.</summary>
public sealed class RequestWallTests
{
    private static readonly string[] Tables =
    [
        "sample.outbox", "sample.relay_leader", "sample.consumer_offset", "sample.stream_era", "sample.inbox", "sample.inbox_other", "sample.parked_event", "sample.dead_event",
        "sample.partition_drop", "sample.migration", "stream.events_core",
    ];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_request_sees_and_changes_none_of_the_platforms_rows(bool superuser)
    {
        await using var instance = await SampleInstance.StartAsync(consume: false, superuser: superuser);
        await instance.PublishAsync("a", 1);
        await Eventually.IsTrueAsync(async () => await instance.CountAsync("stream.events_core") == 1, "an event in the stream");
        await instance.StopAsync();
        var day = await instance.Database.ScalarAsync<string>("SELECT max(inhrelid::regclass::text) FROM pg_inherits WHERE inhparent = 'sample.inbox'::regclass AND inhrelid <> 'sample.inbox_other'::regclass");
        var today = await instance.Database.ScalarAsync<string>("SELECT tableoid::regclass::text FROM stream.events_core");
        await instance.Database.ExecuteAsync("""
            INSERT INTO sample.outbox (topic, partition, key, id, headers, payload) VALUES ('t', 0, 'k', gen_random_uuid(), '{}', '');
            INSERT INTO sample.inbox (event_id, consumer_group) VALUES ('00000000-0000-0000-0000-000000000001', 'g');
            INSERT INTO sample.consumer_offset (consumer_group, topic, partition) VALUES ('g', 't', 0);
            INSERT INTO sample.stream_era (consumer_group, number, engine) VALUES ('g', 1, 'e');
            INSERT INTO sample.partition_drop VALUES ('t', now());
            INSERT INTO sample.parked_event (consumer_group, topic, partition, stream_offset, key, id, headers, payload) VALUES ('g', 't', 0, 0, 'k', gen_random_uuid(), '{}', '');
            INSERT INTO sample.dead_event (id, consumer_group, topic, partition, stream_offset, key, headers, payload, attempts, error)
            VALUES (gen_random_uuid(), 'g', 't', 0, 0, 'k', '{}', '', 1, 'e');
            """);
        foreach (var table in Tables.Append(day).Append(today))
        {
            Assert.Equal(0L, await TryAsync(instance, $"SELECT count(*) FROM {table}"));
            Assert.Equal(0L, await TryAsync(instance, $"WITH gone AS (DELETE FROM {table} RETURNING 1) SELECT count(*) FROM gone"));
            Assert.True(table == day || await instance.CountAsync(table) > 0, table);
        }

        await RefusedAsync(instance, "INSERT INTO sample.inbox (event_id, consumer_group) VALUES (gen_random_uuid(), 'g')");
        await RefusedAsync(instance, "INSERT INTO sample.consumer_offset (consumer_group, topic, partition) VALUES ('g', 't', 1)");

        await using var connection = await instance.Service.Requests.OpenConnectionAsync();
        await using var batch = new NpgsqlBatch(connection);
        OutboxWriter.Append(batch, "sample", SampleInstance.Message("a", 2));
        OutboxWriter.AppendMany(batch, "sample", [SampleInstance.Message("a", 3), SampleInstance.Message("a", 4)]);
        await batch.ExecuteNonQueryAsync();
        Assert.Equal(4L, await instance.CountAsync("sample.outbox"));
    }

    /// <summary>The number that a request gets; none where it may not even ask.</summary>
    private static async Task<long> TryAsync(SampleInstance instance, string sql)
    {
        await using var command = instance.Service.Requests.CreateCommand(sql);
        try
        {
            return (long)(await command.ExecuteScalarAsync())!;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            return 0;
        }
    }

    private static async Task RefusedAsync(SampleInstance instance, string sql)
    {
        await using var command = instance.Service.Requests.CreateCommand(sql);
        var refused = await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync());
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }
}
