using System.Text.Json;
using Platform.Eventing.WorkQueues;
using Platform.Processing.Types;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Jobs;

/// <summary>What the jobs of a schedule or a trigger have in common.</summary>
/// <param name="Payload">A JSON object in UTF-8.</param>
internal sealed record JobTemplate(string Type, string Queue, ReadOnlyMemory<byte> Payload, int Priority, int TimeoutSeconds, int MaxAttempts)
{
    /// <summary>Its columns, in the order of <see cref="Read(Npgsql.NpgsqlDataReader, int)"/>.</summary>
    public const string Columns = "job_type, queue, payload, priority, timeout_seconds, max_attempts";

    /// <summary>How many <see cref="Columns"/> there are.</summary>
    public const int ColumnCount = 6;

    /// <summary>Reads <c>job: {type, payload, queue?, priority?, timeout?, max_attempts?}</c>, the payload by the rules of its type; null after a fault.</summary>
    /// <param name="submitter">On whose behalf the jobs will run.</param>
    /// <param name="check">A rule of the capability for the job, asked before what else is wrong is said.</param>
    public static JobTemplate? Read(JsonFields fields, JobTypes types, Principal submitter, Action<JsonFields>? check = null)
    {
        if (fields.OptionalObject("job") is not { } job)
        {
            if (!fields.Has("job"))
            {
                fields.Fault("job", "required", "'job' is required.");
            }

            return null;
        }

        var (type, payload) = types.Read(job, submitter);
        check?.Invoke(job);
        return new(type, types.Queues.Read(job), payload,
            job.OptionalInt("priority", NewWork.MinPriority, NewWork.MaxPriority) ?? 0,
            job.OptionalInt("timeout", 1, Job.MaxTimeoutSeconds) ?? types.OptionsOf(type).TimeoutSeconds,
            job.OptionalInt("max_attempts", 1, Job.MaxMaxAttempts) ?? types.OptionsOf(type).MaxAttempts);
    }

    /// <summary>From <see cref="Columns"/>, of which the first is at <paramref name="first"/>.</summary>
    public static JobTemplate Read(Npgsql.NpgsqlDataReader reader, int first) => new(
        reader.GetString(first), reader.GetString(first + 1), reader.GetFieldValue<byte[]>(first + 2), reader.GetInt16(first + 3), reader.GetInt32(first + 4),
        reader.GetInt32(first + 5));

    /// <summary>Parameters for <see cref="Columns"/>, in their order; all null for none.</summary>
    public static IEnumerable<Npgsql.NpgsqlParameter> Parameters(JobTemplate? job)
    {
        static Npgsql.NpgsqlParameter Column(object? value, NpgsqlTypes.NpgsqlDbType type) => new() { Value = value ?? DBNull.Value, NpgsqlDbType = type };
        return
        [
            Column(job?.Type, NpgsqlTypes.NpgsqlDbType.Text),
            Column(job?.Queue, NpgsqlTypes.NpgsqlDbType.Text),
            Column(job?.Payload, NpgsqlTypes.NpgsqlDbType.Json),
            Column((short?)job?.Priority, NpgsqlTypes.NpgsqlDbType.Smallint),
            Column(job?.TimeoutSeconds, NpgsqlTypes.NpgsqlDbType.Integer),
            Column(job?.MaxAttempts, NpgsqlTypes.NpgsqlDbType.Integer),
        ];
    }

    /// <summary>A job of it that may run at once.</summary>
    /// <param name="runAt">When it should have begun.</param>
    public Job NewJob(Guid id, DateTimeOffset runAt, DateTimeOffset now) => new()
    {
        Id = id,
        Type = Type,
        Queue = Queue,
        Payload = Payload,
        State = JobState.Available,
        Priority = Priority,
        RunAt = runAt,
        CreatedAt = now,
        MaxAttempts = MaxAttempts,
        TimeoutSeconds = TimeoutSeconds,
    };

    /// <summary>As the API shows it; null for none.</summary>
    public static void Write(Utf8JsonWriter json, JobTemplate? job)
    {
        if (job is null)
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartObject();
        json.WriteString("type", job.Type);
        json.WriteString("queue", job.Queue);
        json.WriteRaw("payload", job.Payload);
        json.WriteNumber("priority", job.Priority);
        json.WriteNumber("timeout", job.TimeoutSeconds);
        json.WriteNumber("max_attempts", job.MaxAttempts);
        json.WriteEndObject();
    }
}
