using Npgsql;
using Platform.Contracts.Events;
using Platform.Eventing.Database;

namespace Platform.Eventing.Streams.Postgres;

/// <summary>Makes the stream's tables and keeps their day partitions: some days ahead, and none older than the topic's retention.</summary>
internal static class StreamSchema
{
    public const string Schema = "stream";
    private const int DaysAhead = 3;

    /// <summary>The message table of a topic: <c>stream.events_core</c>.</summary>
    public static string Table(string topic) => $"{Schema}.{TableName(topic)}";

    public static async Task PrepareAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        await Migrator.ApplyAsync(
            source, Schema, [MigrationSet.FromAssembly("stream", typeof(StreamSchema).Assembly, "Stream")], cancellationToken);
        await MaintainAsync(source, Topics.All, cancellationToken);
    }

    /// <summary>Safe on every instance at once; the second finds nothing to do. A topic that fails does not stop the others.</summary>
    /// <exception cref="AggregateException">What failed.</exception>
    public static async Task MaintainAsync(NpgsqlDataSource source, IReadOnlyList<Topic> topics, CancellationToken cancellationToken)
    {
        var failures = new List<Exception>();
        foreach (var topic in topics)
        {
            try
            {
                await MaintainTopicAsync(source, topic, cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                failures.Add(e);
            }
        }

        if (failures.Count > 0)
        {
            throw new AggregateException(failures);
        }
    }

    private static async Task MaintainTopicAsync(NpgsqlDataSource source, Topic topic, CancellationToken cancellationToken)
    {
        // Only what is missing is inserted: a row that an append has in its hands would be waited for.
        await using (var create = source.CreateCommand($"""
            SELECT pg_advisory_xact_lock(hashtextextended('platform.topic.{topic.Name}', 0));
            INSERT INTO {Schema}.topic (name, partitions) SELECT '{topic.Name}', {topic.Partitions}
            WHERE NOT EXISTS (SELECT FROM {Schema}.topic WHERE name = '{topic.Name}');
            INSERT INTO {Schema}.partition (topic, partition)
            SELECT '{topic.Name}', n FROM generate_series(0, {topic.Partitions - 1}) n
            WHERE NOT EXISTS (SELECT FROM {Schema}.partition WHERE topic = '{topic.Name}' AND partition = n);
            CREATE TABLE IF NOT EXISTS {Table(topic.Name)} (
                partition     int NOT NULL,
                stream_offset bigint NOT NULL,
                day           date NOT NULL,
                key           text NOT NULL,
                id            uuid NOT NULL,
                headers       json NOT NULL,
                payload       bytea NOT NULL,
                appended_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
                PRIMARY KEY (partition, stream_offset, day)
            ) PARTITION BY RANGE (day);
            DO $$ DECLARE part regclass; BEGIN
                IF NOT (SELECT relrowsecurity FROM pg_class WHERE oid = '{Table(topic.Name)}'::regclass) THEN
                    -- Events of all tenants: for the platform, never for requests.
                    ALTER TABLE {Table(topic.Name)} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
                    CREATE POLICY system ON {Table(topic.Name)} USING ((SELECT current_setting('platform.scope', true) = 'system'));
                    FOR part IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = '{Table(topic.Name)}'::regclass LOOP
                        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', part);
                    END LOOP;
                END IF;
            END $$;
            """))
        {
            await create.ExecuteNonQueryAsync(cancellationToken);
        }

        await DayPartitions.MaintainAsync(
            source, Schema, [TableName(topic.Name)], DaysAhead, topic.Retention, day => $"'{day:yyyy-MM-dd}'", cancellationToken);
    }

    private static string TableName(string topic) => topic.Replace('.', '_').Replace('-', '_');
}
