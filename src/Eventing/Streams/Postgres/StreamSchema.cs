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

    /// <summary>Safe on every instance at once; the second finds nothing to do.</summary>
    public static async Task MaintainAsync(NpgsqlDataSource source, IReadOnlyList<Topic> topics, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await DayPartitions.LockAsync(connection, Schema, cancellationToken);
        foreach (var topic in topics)
        {
            await using var create = new NpgsqlCommand($"""
                INSERT INTO {Schema}.topic (name, partitions) VALUES ('{topic.Name}', {topic.Partitions}) ON CONFLICT DO NOTHING;
                INSERT INTO {Schema}.partition (topic, partition)
                SELECT '{topic.Name}', generate_series(0, {topic.Partitions - 1}) ON CONFLICT DO NOTHING;
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
                """, connection);
            await create.ExecuteNonQueryAsync(cancellationToken);
            await DayPartitions.MaintainAsync(
                connection, Schema, TableName(topic.Name), DaysAhead, topic.Retention, day => $"'{day:yyyy-MM-dd}'", cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    private static string TableName(string topic) => topic.Replace('.', '_').Replace('-', '_');
}
