using System.Buffers;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Platform.Contracts.Events;
using Platform.Contracts.Identifiers;

namespace Platform.Eventing.Outbox;

/// <summary>
/// An event on its way out: a CloudEvents 1.0 envelope in Kafka's binary binding (attributes as headers, data as payload).
/// </summary>
public sealed class OutboxMessage
{
    private OutboxMessage(Guid id, Topic topic, string key, string headers, ReadOnlyMemory<byte> payload, int? partition = null)
    {
        Id = id;
        Topic = topic;
        Key = key;
        Headers = headers;
        Payload = payload;
        Partition = partition ?? Partitioner.For(key, topic.Partitions);
    }

    public Guid Id { get; }
    public Topic Topic { get; }

    /// <summary>Events of one key keep their order.</summary>
    public string Key { get; }
    public int Partition { get; }

    /// <summary>The headers as one flat JSON object of strings.</summary>
    public string Headers { get; }
    public ReadOnlyMemory<byte> Payload { get; }

    /// <summary>An event about <paramref name="subject"/>, ordered by it.</summary>
    /// <param name="source">Name of the service that says so.</param>
    /// <param name="tenant">The organization it belongs to.</param>
    /// <param name="subject">What it is about, <c>res_...</c>; also its key.</param>
    public static OutboxMessage Create<TEvent>(string source, Guid tenant, string subject, TEvent data, TimeProvider clock)
        where TEvent : IEvent =>
        FromJson(TEvent.EventType, TEvent.Topic, source, tenant, subject, EventJson.Serialize(data), clock);

    /// <summary>
    /// Asks for a job, from whichever service, in the transaction of its own change: there is a job if and only if that commits. To the topic of its
    /// queue, <c>default</c> when it names none; the job's id follows from the message's.
    /// </summary>
    /// <param name="subject">What the job is about; jobs of one subject are accepted in their order.</param>
    /// <exception cref="ArgumentException">There is no such queue.</exception>
    public static OutboxMessage Submit(string source, Guid tenant, string subject, JobSubmitted job, TimeProvider clock) =>
        FromJson(JobSubmitted.EventType, JobSubmitted.TopicOf(job.Queue ?? "default"), source, tenant, subject, EventJson.Serialize(job), clock);

    /// <summary>As <see cref="Create{TEvent}"/> for data that is already JSON in UTF-8 and of the event's shape.</summary>
    public static OutboxMessage FromJson(
        string type, Topic topic, string source, Guid tenant, string subject, ReadOnlyMemory<byte> data, TimeProvider clock)
    {
        var time = clock.GetUtcNow();
        var id = Guid.CreateVersion7(time);
        return new(id, topic, subject, WriteHeaders(id, type, source, tenant, subject, time), data);
    }

    /// <summary>A record as it came, to another topic; its headers are one flat JSON object of strings.</summary>
    internal static OutboxMessage Forward(Guid id, Topic topic, int partition, string key, string headers, ReadOnlyMemory<byte> payload) =>
        new(id, topic, key, headers, payload, partition);

    private static string WriteHeaders(Guid id, string type, string source, Guid tenant, string subject, DateTimeOffset time)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, new() { SkipValidation = true }))
        {
            json.WriteStartObject();
            json.WriteString(HeaderNames.SpecVersion, "1.0");
            json.WriteString(HeaderNames.Id, TypeId.Format(IdPrefix.Event, id));
            json.WriteString(HeaderNames.Type, type);
            json.WriteString(HeaderNames.Source, "/platform/" + source);
            json.WriteString(HeaderNames.Time, time);
            json.WriteString(HeaderNames.Subject, subject);
            json.WriteString(HeaderNames.TenantId, TypeId.Format(IdPrefix.Organization, tenant));
            json.WriteString(HeaderNames.PartitionKey, subject);
            json.WriteString(HeaderNames.ContentType, "application/json");
            if (Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity)
            {
                json.WriteString(HeaderNames.TraceParent, activity.Id);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}

/// <summary>Header names of the CloudEvents Kafka protocol binding 1.0.</summary>
public static class HeaderNames
{
    public const string SpecVersion = "ce_specversion";
    public const string Id = "ce_id";
    public const string Type = "ce_type";
    public const string Source = "ce_source";
    public const string Time = "ce_time";
    public const string Subject = "ce_subject";
    public const string TenantId = "ce_tenantid";
    public const string PartitionKey = "ce_partitionkey";
    public const string ContentType = "content-type";
    public const string TraceParent = "traceparent";
}
