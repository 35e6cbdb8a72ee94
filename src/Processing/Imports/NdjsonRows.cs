using System.Buffers;
using System.Text.Json;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Imports;

/// <summary>Lines of JSON objects: each is the data of a resource, or is taken apart as the mapping says.</summary>
internal sealed class NdjsonRows : IRowReader
{
    /// <summary>Levels that are left within the request that a line travels in.</summary>
    private const int MaxDepth = JsonBody.MaxDepth - 4;

    private readonly string _type;
    private readonly ImportMapping? _mapping;

    public NdjsonRows(string type, IReadOnlyDictionary<string, string>? mapping)
    {
        _type = type;
        _mapping = mapping is null ? null : ImportMapping.Of(mapping, _ => 0);
    }

    public RowFault? Write(SourceRecord record, IBufferWriter<byte> operation)
    {
        var (body, problem) = JsonBody.Parse(record.Content);
        if (body is null)
        {
            return problem!.Errors is [{ } error, ..] ? new(error.Code, error.Detail) : new(problem.Code, problem.Detail);
        }

        using (body)
        {
            if (JsonDepth.Of(body.Root) > (_mapping is null ? MaxDepth : ImportMapping.MaxDepth))
            {
                return new("json_too_deep", $"A line may be nested {(_mapping is null ? MaxDepth : ImportMapping.MaxDepth)} levels deep.");
            }

            var root = body.Root;
            Operations.WriteCreate(operation, _type, json =>
            {
                if (_mapping is null)
                {
                    json.WritePropertyName("data");
                    root.WriteTo(json);
                }
                else
                {
                    _mapping.WriteTo(json, (target, name, leaf) => WriteValue(target, name, root, leaf));
                }
            });
            return null;
        }
    }

    private static bool WriteValue(Utf8JsonWriter json, string name, JsonElement line, ImportMapping.Leaf leaf)
    {
        if (!line.TryGetProperty(leaf.Name, out var value))
        {
            return false;
        }

        json.WritePropertyName(name);
        value.WriteTo(json);
        return true;
    }
}
