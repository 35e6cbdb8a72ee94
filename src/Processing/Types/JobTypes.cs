using System.Text.Json;
using Platform.Processing.Queues;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Types;

/// <summary>The types that this process knows, and the queues that it serves: what a job may ask for.</summary>
internal sealed class JobTypes(IEnumerable<JobType> types, QueueNames queues)
{
    /// <summary>Bytes that a payload may have.</summary>
    public const int MaxPayload = 256 * 1024;

    private static readonly JobTypeOptions Defaults = new();
    private readonly Dictionary<string, JobType> _types = types.ToDictionary(t => t.Name, StringComparer.Ordinal);

    public QueueNames Queues => queues;

    public IEnumerable<JobType> All => _types.Values;

    public JobType? Find(string name) => _types.GetValueOrDefault(name);

    /// <summary>What holds for jobs of a type that do not say otherwise; the general rules for a type that is not known.</summary>
    public JobTypeOptions OptionsOf(string name) => Find(name)?.Options ?? Defaults;

    /// <summary>Why this caller may start no job of this type; null where it may.</summary>
    public Problem? Refusal(string name, Principal caller) =>
        OptionsOf(name).Scopes.FirstOrDefault(s => !caller.May(s)) is { } missing ? KnownProblems.Forbidden(missing) : null;

    /// <summary>Reads <c>type</c> and <c>payload</c>, the payload by the rules of its type. Without white space.</summary>
    /// <param name="fields">Of a job, or of what will start jobs.</param>
    /// <param name="submitter">Whose permission the type may ask for; null for who may start anything.</param>
    public (string Type, byte[] Payload) Read(JsonFields fields, Principal? submitter)
    {
        var type = fields.RequiredString("type", 64);
        var known = Find(type);
        if (type.Length > 0 && known is null)
        {
            fields.Fault("type", "unknown_job_type", $"'{type}' is not a job type; there are {string.Join(", ", _types.Keys.Order(StringComparer.Ordinal))}.");
        }

        if (submitter is not null && Refusal(type, submitter) is { } refusal)
        {
            fields.Refuse(refusal);
        }

        var payload = fields.RequiredValue("payload");
        if (payload.ValueKind == JsonValueKind.Undefined)
        {
            return (type, []);
        }

        if (payload.ValueKind != JsonValueKind.Object)
        {
            fields.Fault("payload", "wrong_type", "'payload' must be an object.");
            return (type, []);
        }

        var compact = JsonBytes.Compact(payload);
        if (compact.Length > MaxPayload)
        {
            fields.Fault("payload", "too_large", $"'payload' may have {MaxPayload} bytes.");
        }
        else if (known is { Options.TakesAnything: false })
        {
            known.Check(fields.OptionalObject("payload")!);
        }

        return (type, compact);
    }
}
