using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using Platform.Contracts.Events;

namespace Platform.Contracts.Tests;

/// <summary>The JSON Schema (2020-12) of an event's data, from the same metadata that writes and reads it.</summary>
internal static class EventSchema
{
    // Readers of the platform accept numbers in quotes; its writers never write them, and the schema says what is written.
    private static readonly JsonSerializerOptions Strict = new(EventJson.Default.Options)
    {
        NumberHandling = JsonNumberHandling.Strict,
        TypeInfoResolver = EventJson.Default,
    };

    private static readonly JsonSchemaExporterOptions Exporting = new() { TreatNullObliviousAsNonNullable = true };

    private static readonly JsonSerializerOptions Writing = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static JsonObject Of(EventContract contract)
    {
        var schema = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["$id"] = "urn:platform:event:" + contract.EventType,
            ["title"] = contract.EventType,
            ["description"] = contract.When,
            ["x-topics"] = new JsonArray([.. contract.Topics.Select(t => (JsonNode)t.Name)]),
        };
        foreach (var (keyword, value) in Strict.GetTypeInfo(contract.Data).GetJsonSchemaAsNode(Exporting).AsObject())
        {
            schema[keyword] = value?.DeepClone();
        }

        return schema;
    }

    /// <summary>As it stands in its file.</summary>
    public static string Text(JsonNode schema) => schema.ToJsonString(Writing) + "\n";
}
