using Npgsql;
using Platform.Processing.Jobs;

namespace Platform.Processing.DeadLetters;

/// <summary>Letters in their rows: dead jobs of this service's queues, and what others told of their dead.</summary>
internal static class LetterRows
{
    /// <summary>Of <c>dead_letter d</c> and <c>job j</c>.</summary>
    public static readonly string JobColumns = $"d.tenant_id, d.id, d.died_at, d.reason, d.attempts, j.type, d.job_id, j.queue, {JobFailures.Column("j.id")}";

    public const string Jobs = "processing.dead_letter d JOIN processing.job j ON j.tenant_id = d.tenant_id AND j.id = d.job_id";

    /// <summary>Of <c>letter d</c>.</summary>
    public const string Columns = """
        d.tenant_id, d.id, d.died_at, d.reason, d.attempts, d.type, d.source, d.state, d.deaths, d.subject, d.topic, d.partition, d.stream_offset,
        d.consumer_group, d.event_id, d.exception_type
        """;

    public const string Letters = "processing.letter d";

    public static Letter ReadJob(NpgsqlDataReader reader) => new()
    {
        Tenant = reader.GetGuid(0),
        Id = reader.GetGuid(1),
        Source = LetterSource.Jobs,
        State = LetterState.Dead,
        DiedAt = reader.GetFieldValue<DateTimeOffset>(2),
        Reason = reader.GetString(3),
        Attempts = reader.GetInt32(4),
        Type = reader.GetString(5),
        JobId = reader.GetGuid(6),
        Queue = reader.GetString(7),
        Errors = (reader.IsDBNull(8) ? JobFailures.None : JobFailures.Read(reader.GetFieldValue<byte[]>(8))).Json,
    };

    public static Letter Read(NpgsqlDataReader reader)
    {
        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
        return new()
        {
            Tenant = reader.GetGuid(0),
            Id = reader.GetGuid(1),
            DiedAt = reader.GetFieldValue<DateTimeOffset>(2),
            Reason = reader.GetString(3),
            Attempts = reader.GetInt32(4),
            Type = reader.GetString(5),
            Source = reader.GetString(6),
            State = reader.GetString(7),
            Deaths = reader.GetInt32(8),
            Subject = Text(9),
            Topic = Text(10),
            Partition = reader.IsDBNull(11) ? null : reader.GetInt32(11),
            Offset = reader.IsDBNull(12) ? null : reader.GetInt64(12),
            Group = Text(13),
            EventId = reader.IsDBNull(14) ? null : reader.GetGuid(14),
            ExceptionType = Text(15),
        };
    }
}
