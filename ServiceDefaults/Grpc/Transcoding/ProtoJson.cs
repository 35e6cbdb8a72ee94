using System.Collections;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Platform.ServiceDefaults.Requests;

namespace Platform.ServiceDefaults.Grpc.Transcoding;

/// <summary>
/// Writes messages as the JSON that REST takes: original names, what is not set left out, 64-bit numbers as numbers (protobuf's own
/// formatter writes strings), times in RFC 3339.
/// </summary>
internal static class ProtoJson
{
    /// <exception cref="GrpcException">A value has no counterpart in JSON.</exception>
    public static void WriteFields(Utf8JsonWriter json, IMessage message, IReadOnlyList<FieldShape> fields, string path = "")
    {
        foreach (var field in fields)
        {
            if (field.IsMap)
            {
                WriteMap(json, field, (IDictionary)field.Descriptor.Accessor.GetValue(message));
            }
            else if (field.IsList)
            {
                WriteList(json, field, (IList)field.Descriptor.Accessor.GetValue(message), path);
            }
            else if (field.IsSet(message))
            {
                json.WritePropertyName(field.Utf8Name);
                WriteValue(json, field, field.Descriptor.Accessor.GetValue(message), $"{path}{field.Name}");
            }
        }
    }

    /// <summary>RFC 3339; null for what is no time.</summary>
    public static string? TimeOf(Timestamp time)
    {
        try
        {
            return Rfc3339.Format(time.ToDateTimeOffset());
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentOutOfRangeException)
        {
            return null;
        }
    }

    private static void WriteMap(Utf8JsonWriter json, FieldShape field, IDictionary map)
    {
        if (map.Count == 0)
        {
            return;
        }

        json.WriteStartObject(field.Utf8Name);
        foreach (DictionaryEntry entry in map)
        {
            json.WriteString((string)entry.Key, (string)entry.Value!);
        }

        json.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter json, FieldShape field, IList list, string path)
    {
        if (list.Count == 0)
        {
            return;
        }

        json.WriteStartArray(field.Utf8Name);
        for (var i = 0; i < list.Count; i++)
        {
            WriteValue(json, field, list[i]!, $"{path}{field.Name}/{i}");
        }

        json.WriteEndArray();
    }

    private static void WriteValue(Utf8JsonWriter json, FieldShape field, object value, string path)
    {
        switch (value)
        {
            case string text: json.WriteStringValue(text); break;
            case bool flag: json.WriteBooleanValue(flag); break;
            case int number: json.WriteNumberValue(number); break;
            case long number: json.WriteNumberValue(number); break;
            case uint number: json.WriteNumberValue(number); break;
            case ulong number: json.WriteNumberValue(number); break;
            case float number: WriteNumber(json, number, path); break;
            case double number: WriteNumber(json, number, path); break;
            case ByteString bytes: json.WriteBase64StringValue(bytes.Span); break;
            case Struct document: WriteStruct(json, document, path); break;
            case Value any: WriteAny(json, any, path); break;
            case ListValue list: WriteItems(json, list, path); break;
            case Timestamp time: json.WriteStringValue(TimeOf(time) ?? throw InvalidInput.Of(path, "out_of_range", "A timestamp is out of range.")); break;
            case IMessage nested:
                json.WriteStartObject();
                WriteFields(json, nested, field.Message.Fields, path + "/");
                json.WriteEndObject();
                break;
            default: throw new NotSupportedException($"{field.Descriptor.FullName} is a {value.GetType()}.");
        }
    }

    private static void WriteStruct(Utf8JsonWriter json, Struct document, string path)
    {
        json.WriteStartObject();
        foreach (var (name, value) in document.Fields)
        {
            json.WritePropertyName(name);
            WriteAny(json, value, path);
        }

        json.WriteEndObject();
    }

    private static void WriteItems(Utf8JsonWriter json, ListValue list, string path)
    {
        json.WriteStartArray();
        foreach (var item in list.Values)
        {
            WriteAny(json, item, path);
        }

        json.WriteEndArray();
    }

    private static void WriteAny(Utf8JsonWriter json, Value value, string path)
    {
        switch (value.KindCase)
        {
            case Value.KindOneofCase.StringValue: json.WriteStringValue(value.StringValue); break;
            case Value.KindOneofCase.NumberValue: WriteNumber(json, value.NumberValue, path); break;
            case Value.KindOneofCase.BoolValue: json.WriteBooleanValue(value.BoolValue); break;
            case Value.KindOneofCase.StructValue: WriteStruct(json, value.StructValue, path); break;
            case Value.KindOneofCase.ListValue: WriteItems(json, value.ListValue, path); break;

            // A value without a kind is what a careless client sends for null.
            default: json.WriteNullValue(); break;
        }
    }

    private static void WriteNumber(Utf8JsonWriter json, double number, string path)
    {
        if (!double.IsFinite(number))
        {
            throw InvalidInput.Of(path, "invalid_value", "A number must be finite.");
        }

        json.WriteNumberValue(number);
    }
}
