using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace Platform.CoreApi.Feed.MessagePack;

/// <summary>
/// Writes JSON values as MessagePack, each in the shortest format of the specification's table. Whole numbers of 64 bits are integers, all other numbers
/// float 64.
/// </summary>
internal static class MessagePackWriter
{
    /// <summary>Deeper than any event: their data was checked when they were recorded.</summary>
    private static readonly JsonDocumentOptions Reading = new() { MaxDepth = 512 };

    /// <summary>Translates a JSON value.</summary>
    public static void WriteJson(IBufferWriter<byte> output, ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json, Reading);
        Write(output, document.RootElement);
    }

    public static void WriteMapHeader(IBufferWriter<byte> output, int count) => WriteHeader(output, count, 0x80, 15, 0xde);

    public static void WriteString(IBufferWriter<byte> output, string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        switch (length)
        {
            case < 32:
                WriteByte(output, (byte)(0xa0 | length));
                break;
            case <= byte.MaxValue:
                WriteByte(output, 0xd9);
                WriteByte(output, (byte)length);
                break;
            case <= ushort.MaxValue:
                WriteByte(output, 0xda);
                WriteUInt16(output, (ushort)length);
                break;
            default:
                WriteByte(output, 0xdb);
                WriteUInt32(output, (uint)length);
                break;
        }

        output.Advance(Encoding.UTF8.GetBytes(text, output.GetSpan(length)));
    }

    public static void WriteInteger(IBufferWriter<byte> output, long value)
    {
        switch (value)
        {
            case >= 0:
                WriteUnsigned(output, (ulong)value);
                break;
            case >= -32:
                WriteByte(output, (byte)value);
                break;
            case >= sbyte.MinValue:
                WriteByte(output, 0xd0);
                WriteByte(output, (byte)value);
                break;
            case >= short.MinValue:
                WriteByte(output, 0xd1);
                WriteUInt16(output, (ushort)value);
                break;
            case >= int.MinValue:
                WriteByte(output, 0xd2);
                WriteUInt32(output, (uint)value);
                break;
            default:
                WriteByte(output, 0xd3);
                WriteUInt64(output, (ulong)value);
                break;
        }
    }

    private static void WriteUnsigned(IBufferWriter<byte> output, ulong value)
    {
        switch (value)
        {
            case < 128:
                WriteByte(output, (byte)value);
                break;
            case <= byte.MaxValue:
                WriteByte(output, 0xcc);
                WriteByte(output, (byte)value);
                break;
            case <= ushort.MaxValue:
                WriteByte(output, 0xcd);
                WriteUInt16(output, (ushort)value);
                break;
            case <= uint.MaxValue:
                WriteByte(output, 0xce);
                WriteUInt32(output, (uint)value);
                break;
            default:
                WriteByte(output, 0xcf);
                WriteUInt64(output, value);
                break;
        }
    }

    private static void Write(IBufferWriter<byte> output, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                WriteMapHeader(output, value.GetPropertyCount());
                foreach (var property in value.EnumerateObject())
                {
                    WriteString(output, TextOf(property, static p => p.Name));
                    Write(output, property.Value);
                }

                break;
            case JsonValueKind.Array:
                WriteHeader(output, value.GetArrayLength(), 0x90, 15, 0xdc);
                foreach (var item in value.EnumerateArray())
                {
                    Write(output, item);
                }

                break;
            case JsonValueKind.String:
                WriteString(output, TextOf(value, static v => v.GetString()!));
                break;
            case JsonValueKind.Number:
                WriteNumber(output, value);
                break;
            case JsonValueKind.True:
                WriteByte(output, 0xc3);
                break;
            case JsonValueKind.False:
                WriteByte(output, 0xc2);
                break;
            default:
                WriteByte(output, 0xc0);
                break;
        }
    }

    /// <summary>JSON can spell lone surrogates, UTF-8 cannot: other systems' events may have such a text, which must not end a stream.</summary>
    private static string TextOf<T>(T source, Func<T, string> read)
    {
        try
        {
            return read(source);
        }
        catch (InvalidOperationException)
        {
            return "\ufffd";
        }
    }

    private static void WriteNumber(IBufferWriter<byte> output, JsonElement value)
    {
        if (value.TryGetInt64(out var integer))
        {
            WriteInteger(output, integer);
        }
        else if (value.TryGetUInt64(out var unsigned))
        {
            WriteUnsigned(output, unsigned);
        }
        else
        {
            WriteByte(output, 0xcb);
            WriteUInt64(output, BitConverter.DoubleToUInt64Bits(value.GetDouble()));
        }
    }

    /// <summary>A map or an array: a short form with the count in it, then 16 and 32 bits.</summary>
    private static void WriteHeader(IBufferWriter<byte> output, int count, byte shortForm, int shortMax, byte form16)
    {
        if (count <= shortMax)
        {
            WriteByte(output, (byte)(shortForm | count));
        }
        else if (count <= ushort.MaxValue)
        {
            WriteByte(output, form16);
            WriteUInt16(output, (ushort)count);
        }
        else
        {
            WriteByte(output, (byte)(form16 + 1));
            WriteUInt32(output, (uint)count);
        }
    }

    private static void WriteByte(IBufferWriter<byte> output, byte value)
    {
        output.GetSpan(1)[0] = value;
        output.Advance(1);
    }

    private static void WriteUInt16(IBufferWriter<byte> output, ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(output.GetSpan(2), value);
        output.Advance(2);
    }

    private static void WriteUInt32(IBufferWriter<byte> output, uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(output.GetSpan(4), value);
        output.Advance(4);
    }

    private static void WriteUInt64(IBufferWriter<byte> output, ulong value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(output.GetSpan(8), value);
        output.Advance(8);
    }
}
