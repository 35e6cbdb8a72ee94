using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;

namespace Platform.CoreApi.Feed.MessagePack;

/// <summary>
/// Translates one MessagePack value to JSON, from bytes that nobody vouches for: counts and lengths are held against the bytes that are there before
/// anything is done with them, and what JSON cannot say (binary, extensions, keys that are no strings, not-a-number) is refused with its place.
/// </summary>
internal ref struct MessagePackReader
{
    private const int MaxDepth = 32;
    private readonly ReadOnlySpan<byte> _input;
    private readonly Utf8JsonWriter _json;
    private int _at;

    private MessagePackReader(ReadOnlySpan<byte> input, Utf8JsonWriter json)
    {
        _input = input;
        _json = json;
    }

    /// <summary>False with a reason where it is not exactly one value with a form in JSON.</summary>
    public static bool TryToJson(ReadOnlySpan<byte> input, out byte[] json, out string? reason)
    {
        var buffer = new ArrayBufferWriter<byte>(Math.Max(64, input.Length * 2));
        using var writer = new Utf8JsonWriter(buffer, new() { SkipValidation = true });
        var reader = new MessagePackReader(input, writer);
        reason = reader.Value(0);
        if (reason is null && reader._at != input.Length)
        {
            reason = reader.Fault("there is more after the value");
        }

        writer.Flush();
        json = reason is null ? buffer.WrittenSpan.ToArray() : [];
        return reason is null;
    }

    /// <summary>Null, or what is wrong.</summary>
    private string? Value(int depth)
    {
        if (depth > MaxDepth)
        {
            return Fault("it is nested too deeply");
        }

        if (_at >= _input.Length)
        {
            return Fault("it ends too early");
        }

        var format = _input[_at++];
        switch (format)
        {
            case <= 0x7f:
                return Number(format);
            case <= 0x8f:
                return Map((uint)(format & 0x0f), depth);
            case <= 0x9f:
                return Array((uint)(format & 0x0f), depth);
            case <= 0xbf:
                return Text((uint)(format & 0x1f), isName: false);
            case >= 0xe0:
                return Number((sbyte)format);
            case 0xc0:
                _json.WriteNullValue();
                return null;
            case 0xc2 or 0xc3:
                _json.WriteBooleanValue(format == 0xc3);
                return null;
            case 0xca or 0xcb:
                return Float(format == 0xca ? 4 : 8);
            case >= 0xcc and <= 0xcf:
                return Take(1 << (format - 0xcc), out var unsigned) ? Number(unsigned) : Fault("it ends too early");
            case >= 0xd0 and <= 0xd3:
                return Signed(1 << (format - 0xd0));
            case >= 0xd9 and <= 0xdb:
                return Take(1 << (format - 0xd9), out var length) ? Text(length, isName: false) : Fault("it ends too early");
            case 0xdc or 0xdd:
                return Take(format == 0xdc ? 2 : 4, out var items) ? Array(items, depth) : Fault("it ends too early");
            case 0xde or 0xdf:
                return Take(format == 0xde ? 2 : 4, out var entries) ? Map(entries, depth) : Fault("it ends too early");
            default:
                _at--;
                return Fault($"format 0x{format:x2} has no place here");
        }
    }

    private string? Map(ulong count, int depth)
    {
        // An entry has two bytes at least.
        if (count > (ulong)(_input.Length - _at) / 2)
        {
            return Fault("it ends too early");
        }

        _json.WriteStartObject();
        for (ulong i = 0; i < count; i++)
        {
            if ((Name() ?? Value(depth + 1)) is { } fault)
            {
                return fault;
            }
        }

        _json.WriteEndObject();
        return null;
    }

    private string? Name()
    {
        if (_at >= _input.Length)
        {
            return Fault("it ends too early");
        }

        var format = _input[_at];
        ulong length;
        switch (format)
        {
            case >= 0xa0 and <= 0xbf:
                _at++;
                length = (ulong)(format & 0x1f);
                break;
            case >= 0xd9 and <= 0xdb:
                _at++;
                if (!Take(1 << (format - 0xd9), out length))
                {
                    return Fault("it ends too early");
                }

                break;
            default:
                return Fault("a key must be a string");
        }

        return Text(length, isName: true);
    }

    private string? Array(ulong count, int depth)
    {
        if (count > (ulong)(_input.Length - _at))
        {
            return Fault("it ends too early");
        }

        _json.WriteStartArray();
        for (ulong i = 0; i < count; i++)
        {
            if (Value(depth + 1) is { } fault)
            {
                return fault;
            }
        }

        _json.WriteEndArray();
        return null;
    }

    private string? Text(ulong length, bool isName)
    {
        if (length > (ulong)(_input.Length - _at))
        {
            return Fault("it ends too early");
        }

        var text = _input.Slice(_at, (int)length);
        if (!Utf8.IsValid(text))
        {
            return Fault("a string is not UTF-8");
        }

        _at += (int)length;
        if (isName)
        {
            _json.WritePropertyName(text);
        }
        else
        {
            _json.WriteStringValue(text);
        }

        return null;
    }

    private string? Signed(int size)
    {
        if (!Take(size, out var bits))
        {
            return Fault("it ends too early");
        }

        var unused = 64 - (size * 8);
        return Number((long)(bits << unused) >> unused);
    }

    private string? Float(int size)
    {
        if (!Take(size, out var bits))
        {
            return Fault("it ends too early");
        }

        var value = size == 4 ? BitConverter.UInt32BitsToSingle((uint)bits) : BitConverter.UInt64BitsToDouble(bits);
        if (!double.IsFinite(value))
        {
            return Fault("a number is not finite");
        }

        _json.WriteNumberValue(value);
        return null;
    }

    private readonly string? Number(long value)
    {
        _json.WriteNumberValue(value);
        return null;
    }

    private readonly string? Number(ulong value)
    {
        _json.WriteNumberValue(value);
        return null;
    }

    private bool Take(int size, out ulong value)
    {
        value = 0;
        if (_input.Length - _at < size)
        {
            return false;
        }

        foreach (var next in _input.Slice(_at, size))
        {
            value = (value << 8) | next;
        }

        _at += size;
        return true;
    }

    private readonly string Fault(string what) => $"Not valid MessagePack at byte {_at}: {what}.";
}
