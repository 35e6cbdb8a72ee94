using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Types;

/// <summary>Holds a payload against the type that it is read into, field by field, so that all its faults are told at once and each with its pointer.</summary>
internal static class PayloadContract
{
    /// <param name="type">An object by System.Text.Json's rules.</param>
    /// <param name="payload">Its fields; unknown ones are faults because nobody takes them.</param>
    public static void Check(Type type, JsonFields payload)
    {
        foreach (var property in JobJson.Options.GetTypeInfo(type).Properties.Where(p => p.Set is not null || p.AssociatedParameter is not null))
        {
            Check(property, payload);
        }
    }

    private static void Check(JsonPropertyInfo property, JsonFields fields)
    {
        var value = fields.OptionalValue(property.Name);
        if (value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
        {
            if (property.IsRequired)
            {
                fields.Fault(property.Name, "required", $"'{property.Name}' is required.");
            }

            return;
        }

        if (JobJson.Options.GetTypeInfo(property.PropertyType).Kind == JsonTypeInfoKind.Object)
        {
            if (fields.OptionalObject(property.Name) is { } nested)
            {
                Check(property.PropertyType, nested);
            }

            return;
        }

        try
        {
            value.Deserialize(property.PropertyType, JobJson.Options);
        }
        catch (JsonException e)
        {
            Note(property, fields, e);
        }
    }

    private static void Note(JsonPropertyInfo property, JsonFields fields, JsonException e)
    {
        var detail = $"'{property.Name}' must be {Describe(property.PropertyType)}.";
        if (e.Path is { } path && path.StartsWith("$[", StringComparison.Ordinal) && int.TryParse(path.AsSpan(2, path.IndexOf(']', StringComparison.Ordinal) - 2), out var index))
        {
            fields.Fault(property.Name, index, "wrong_type", detail);
        }
        else
        {
            fields.Fault(property.Name, "wrong_type", detail);
        }
    }

    private static string Describe(Type type)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        return plain.IsEnum ? "one of " + string.Join(", ", Enum.GetNames(plain).Select(JsonNamingPolicy.SnakeCaseLower.ConvertName))
            : plain == typeof(string) ? "a string"
            : plain == typeof(bool) ? "true or false"
            : plain == typeof(int) || plain == typeof(long) || plain == typeof(short) ? "a whole number"
            : plain == typeof(double) || plain == typeof(decimal) || plain == typeof(float) ? "a number"
            : plain == typeof(DateTimeOffset) ? "an RFC 3339 time such as 2026-01-31T12:00:00Z"
            : plain == typeof(Guid) ? "a UUID"
            : JobJson.Options.GetTypeInfo(plain).Kind switch
            {
                JsonTypeInfoKind.Enumerable => "a list of the right kind",
                JsonTypeInfoKind.Dictionary => "an object of the right kind",
                _ => "a value of the right kind",
            };
    }
}
