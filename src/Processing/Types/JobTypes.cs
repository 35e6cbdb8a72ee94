using System.Text.Json;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Types;

/// <summary>The types that this version knows.</summary>
internal sealed class JobTypes(IEnumerable<IJobType> types)
{
    /// <summary>Bytes that a payload may have.</summary>
    public const int MaxPayload = 256 * 1024;

    private readonly Dictionary<string, IJobType> _types = types.ToDictionary(t => t.Name, StringComparer.Ordinal);

    public IJobType? Find(string name) => _types.GetValueOrDefault(name);

    /// <summary>Reads <c>type</c> and <c>payload</c>, the payload by the rules of its type. Without white space.</summary>
    public (string Type, byte[] Payload) Read(JsonFields fields)
    {
        var type = fields.RequiredString("type", 64);
        var known = Find(type);
        if (type.Length > 0 && known is null)
        {
            fields.Fault("type", "unknown_job_type", $"'{type}' is not a job type; there are {string.Join(", ", _types.Keys.Order(StringComparer.Ordinal))}.");
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
        else if (known is { TakesAnything: false })
        {
            known.Check(fields.OptionalObject("payload")!);
        }

        return (type, compact);
    }
}
