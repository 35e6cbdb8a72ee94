using System.Buffers;
using System.Text.Json;

namespace Platform.Processing.Imports;

/// <summary>Makes an operation of a batch of a record.</summary>
internal interface IRowReader
{
    /// <summary>Writes the operation, or says why there is none. What was written of one that is none must be thrown away.</summary>
    RowFault? Write(SourceRecord record, IBufferWriter<byte> operation);
}

/// <summary>What operations have in common.</summary>
internal static class Operations
{
    public static readonly JsonWriterOptions Writing = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void WriteCreate(IBufferWriter<byte> operation, string type, Action<Utf8JsonWriter> content)
    {
        using var json = new Utf8JsonWriter(operation, Writing);
        json.WriteStartObject();
        json.WriteString("op", "create");
        json.WriteString("type", type);
        content(json);
        json.WriteEndObject();
    }
}
