using System.Text.Json;
using Npgsql;
using Platform.CoreApi.Resources;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.CoreApi.ResourceTypes;

/// <summary>A type: what was said about it, if anything, and how many living resources it has.</summary>
/// <param name="Definition">Null for a type that is only used.</param>
internal sealed record ResourceType(string Name, long Count, TypeDefinition? Definition)
{
    public const string Columns = "d.schema::text, d.description, d.version, d.created_at, d.updated_at, d.updated_by";

    public static Problem NotFound() => KnownProblems.NotFound("resource type");

    /// <summary>A row of name, count and <see cref="Columns"/>.</summary>
    public static ResourceType Read(NpgsqlDataReader reader) =>
        new(reader.GetString(0), reader.GetInt64(1), reader.IsDBNull(4) ? null : TypeDefinition.Read(reader, first: 2));

    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", Name);
        json.WriteNumber("count", Count);
        json.WriteString("description", Definition?.Description);
        json.WritePropertyName("schema");
        json.WriteRawValue(Definition?.Schema ?? "null", skipInputValidation: true);
        if (Definition is { } definition)
        {
            json.WriteNumber("version", definition.Version);
            json.WriteString("created_at", Rfc3339.Format(definition.CreatedAt));
            json.WriteString("updated_at", Rfc3339.Format(definition.UpdatedAt));
            json.WriteString("updated_by", definition.UpdatedBy);
        }

        json.WriteEndObject();
    }

    public byte[] ToJson() => FieldSelection.Write((json, _) => WriteTo(json), fields: null);
}

/// <summary>What a tenant says about a type.</summary>
/// <param name="Schema">JSON; null for none.</param>
/// <param name="Version">1 for the first, dense.</param>
internal sealed record TypeDefinition(
    string? Schema, string? Description, long Version, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, string UpdatedBy)
{
    public static TypeDefinition Read(NpgsqlDataReader reader, int first) =>
        new(reader.IsDBNull(first) ? null : reader.GetString(first), reader.IsDBNull(first + 1) ? null : reader.GetString(first + 1),
            reader.GetInt64(first + 2), reader.GetFieldValue<DateTimeOffset>(first + 3), reader.GetFieldValue<DateTimeOffset>(first + 4),
            reader.GetString(first + 5));
}
