using System.Buffers.Binary;
using System.Diagnostics;
using System.Security.Cryptography;
using Platform.Contracts.Events;
using Platform.Contracts.Identifiers;
using Platform.Eventing.Consumers;
using Platform.Processing.Jobs;
using Platform.Processing.Types;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Submissions;

/// <summary>A job that another system asked for by an event.</summary>
/// <param name="Offset">Its place in the stream: of two with one unique key the earlier is taken.</param>
internal sealed record Submission(Guid Tenant, Job Job, long Offset)
{
    /// <summary>Reads the event's data by the rules of <c>POST /v1/jobs</c>.</summary>
    /// <exception cref="PoisonEventException">It is not a job; the message has every fault with its pointer.</exception>
    public static Submission Read(ReceivedEvent received, JobTypes types, TimeProvider clock)
    {
        if (received.Type != EventTypes.JobSubmitted)
        {
            throw new PoisonEventException($"'{received.Record.Topic}' carries {EventTypes.JobSubmitted} alone, and this is '{received.Type}'.");
        }

        var (body, unreadable) = JsonBody.Parse(received.Record.Payload);
        if (body is null)
        {
            throw Refused(unreadable!);
        }

        using (body)
        {
            var fields = body.Fields;
            var name = fields.OptionalString("id", 64);
            if (!TypeId.TryParse(IdPrefix.Job, name, out var id) && name is not null)
            {
                fields.Fault("id", "invalid_format", "'id' must be a job_ identifier.");
            }

            var job = SubmitJob.Read(fields, types, name is null ? IdOf(received.Id, received.TenantId) : id, ReadQueue(fields, received.Record.Topic), clock, submitter: null);
            return fields.Problem is { } problem
                ? throw Refused(problem)
                : new(received.TenantId, job with
                {
                    IsNamed = name is not null, TraceParent = ActivityContext.TryParse(received.TraceParent, null, out _) ? received.TraceParent : null,
                }, received.Record.Offset);
        }
    }

    /// <summary>
    /// The same submission is the same job, however often and however late it comes; two tenants' are two. Time-ordered where the event's id is: its
    /// first 48 bits are the time in milliseconds.
    /// </summary>
    internal static Guid IdOf(Guid eventId, Guid tenant)
    {
        Span<byte> ids = stackalloc byte[32];
        eventId.TryWriteBytes(ids, bigEndian: true, out _);
        tenant.TryWriteBytes(ids[16..], bigEndian: true, out _);
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(ids, hash);
        ids[..6].CopyTo(hash);
        BinaryPrimitives.WriteUInt16BigEndian(hash[6..], (ushort)((BinaryPrimitives.ReadUInt16BigEndian(hash[6..]) & 0x0FFF) | 0x8000));
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }

    private static string ReadQueue(JsonFields fields, string topic)
    {
        var queue = JobSubmitted.QueueOf(topic);
        if (fields.OptionalString("queue", 64) is { } given && given != queue)
        {
            fields.Fault("queue", "wrong_queue", $"'queue' must be '{queue}' on the topic '{topic}', or left out.");
        }

        return queue;
    }

    private static PoisonEventException Refused(Problem problem) =>
        new(problem.Errors.Count == 0
            ? $"The job is refused: {problem.Detail} ({problem.Code})"
            : $"The job is refused: {string.Join(" ", problem.Errors.Select(e => $"{e.Pointer}: {e.Detail} ({e.Code})"))}");
}
