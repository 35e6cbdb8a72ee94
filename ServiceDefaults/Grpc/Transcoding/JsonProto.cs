using System.Collections;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Platform.ServiceDefaults.Requests;

namespace Platform.ServiceDefaults.Grpc.Transcoding;

/// <summary>
/// Reads an answer of REST into a message. Fields that the message does not have, nulls, and values of another kind leave the message as
/// it is: an answer that has grown must not break old clients.
/// </summary>
internal static class JsonProto
{
    private static readonly JsonReaderOptions Reading = new() { MaxDepth = 256 };

    /// <param name="utf8">A JSON object; empty for none.</param>
    public static IMessage Read(MessageShape shape, ReadOnlySpan<byte> utf8)
    {
        var message = shape.New();
        if (!utf8.IsEmpty)
        {
            var reader = new Utf8JsonReader(utf8, Reading);
            reader.Read();
            ReadInto(message, shape, ref reader);
        }

        return message;
    }

    /// <summary>Any JSON object, as a document.</summary>
    public static Struct ReadStruct(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, Reading);
        reader.Read();
        return ReadAny(ref reader).StructValue ?? new Struct();
    }

    private static void ReadInto(IMessage message, MessageShape shape, ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = Find(shape, ref reader);
            reader.Read();
            if (field is null || reader.TokenType == JsonTokenType.Null)
            {
                reader.Skip();
            }
            else if (field.IsMap)
            {
                ReadMap((IDictionary)field.Descriptor.Accessor.GetValue(message), ref reader);
            }
            else if (field.IsList)
            {
                ReadList((IList)field.Descriptor.Accessor.GetValue(message), field, ref reader);
            }
            else if (ReadValue(field, ref reader) is { } value)
            {
                field.Descriptor.Accessor.SetValue(message, value);
            }
        }
    }

    private static FieldShape? Find(MessageShape shape, ref Utf8JsonReader reader)
    {
        foreach (var field in shape.Fields)
        {
            if (reader.ValueTextEquals(field.Utf8Name))
            {
                return field;
            }
        }

        return null;
    }

    private static void ReadMap(IDictionary map, ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            if (reader.TokenType == JsonTokenType.String)
            {
                map[name] = reader.GetString();
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private static void ReadList(IList list, FieldShape field, ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.Null)
            {
                continue;
            }

            if (ReadValue(field, ref reader) is { } value)
            {
                list.Add(value);
            }
        }
    }

    /// <summary>Null, and the reader behind the value, where it is of another kind than the field.</summary>
    private static object? ReadValue(FieldShape field, ref Utf8JsonReader reader)
    {
        if (field.Type == FieldType.Message)
        {
            return ReadMessage(field, ref reader);
        }

        var isNumber = reader.TokenType == JsonTokenType.Number;
        switch (field.Type)
        {
            case FieldType.String when reader.TokenType == JsonTokenType.String: return reader.GetString();
            case FieldType.Bool when reader.TokenType is JsonTokenType.True or JsonTokenType.False: return reader.GetBoolean();
            case FieldType.Int32 when isNumber && reader.TryGetInt32(out var number): return number;
            case FieldType.Int64 when isNumber && reader.TryGetInt64(out var number): return number;
            case FieldType.Double when isNumber && reader.TryGetDouble(out var number): return number;
            case FieldType.Bytes when reader.TokenType == JsonTokenType.String && reader.TryGetBytesFromBase64(out var bytes): return ByteString.CopyFrom(bytes);
            default:
                reader.Skip();
                return null;
        }
    }

    private static IMessage? ReadMessage(FieldShape field, ref Utf8JsonReader reader)
    {
        switch (field.Message.FullName)
        {
            case "google.protobuf.Value":
                return ReadAny(ref reader);
            case "google.protobuf.Struct" when reader.TokenType == JsonTokenType.StartObject:
                return ReadAny(ref reader).StructValue;
            case "google.protobuf.Timestamp" when reader.TokenType == JsonTokenType.String && Rfc3339.TryParse(reader.GetString(), out var time):
                return Timestamp.FromDateTimeOffset(time);
            case "google.protobuf.Struct" or "google.protobuf.Timestamp":
                reader.Skip();
                return null;
            default:
                var message = field.Message.New();
                ReadInto(message, field.Message, ref reader);
                return message;
        }
    }

    private static Value ReadAny(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String: return Value.ForString(reader.GetString());
            case JsonTokenType.Number: return Value.ForNumber(reader.GetDouble());
            case JsonTokenType.True: return Value.ForBool(true);
            case JsonTokenType.False: return Value.ForBool(false);
            case JsonTokenType.StartObject:
                var document = new Struct();
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    var name = reader.GetString()!;
                    reader.Read();
                    document.Fields[name] = ReadAny(ref reader);
                }

                return Value.ForStruct(document);
            case JsonTokenType.StartArray:
                var list = new ListValue();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    list.Values.Add(ReadAny(ref reader));
                }

                return new Value { ListValue = list };
            default: return Value.ForNull();
        }
    }
}
