using Platform.Contracts.Events;
using Platform.Eventing.Outbox;

namespace Platform.Processing.Jobs;

/// <summary>The events of a job, from what is known of it.</summary>
internal static class JobMessages
{
    /// <summary>About the job as it is now.</summary>
    public static OutboxMessage Of<TEvent>(Guid tenant, Job job, TimeProvider clock)
        where TEvent : JobChanged, IEvent =>
        OutboxMessage.FromJson(TEvent.EventType, TEvent.Topic, ProcessingDatabase.Name, tenant, job.PublicId, ToJson(job), clock);

    /// <summary>The fields of <see cref="JobChanged"/>, those that are null left out.</summary>
    private static byte[] ToJson(Job job) => JsonBytes.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("id", job.PublicId);
        json.WriteString("queue", job.Queue);
        json.WriteString("type", job.Type);
        json.WriteString("state", job.State);
        json.WriteNumber("attempt", job.Attempt);
        json.WriteNumber("max_attempts", job.MaxAttempts);
        if (job.Result is { IsEmpty: false } result)
        {
            json.WriteRaw("result", result);
        }

        if (job.Error is not null)
        {
            json.WriteString("error", job.Error);
        }

        if (job.DurationMs is { } milliseconds)
        {
            json.WriteNumber("duration_ms", Math.Round(milliseconds, 3));
        }

        json.WriteEndObject();
    });
}
