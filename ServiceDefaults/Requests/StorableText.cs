using System.Text;
using System.Text.Json;
using Platform.ServiceDefaults.Problems;

namespace Platform.ServiceDefaults.Requests;

/// <summary>
/// JSON can spell characters that PostgreSQL's text and jsonb cannot hold: U+0000 and lone surrogates. They are refused at the
/// edge with their place, rather than failing in some index later.
/// </summary>
internal static class StorableText
{
    public static InputError? FindFault(JsonElement root)
    {
        // Both need an escape in the source; bodies without one need no walk.
        var raw = System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(root);
        return raw.IndexOf("\\u"u8) < 0 ? null : Find(root, "");
    }

    private static InputError? Find(JsonElement element, string pointer)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                return Check(element, pointer);
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject())
                {
                    string name;
                    try
                    {
                        name = property.Name;
                    }
                    catch (InvalidOperationException)
                    {
                        return Fault(pointer);
                    }

                    if (IsFaulty(name))
                    {
                        return Fault(pointer);
                    }

                    if (Find(property.Value, JsonFields.Append(pointer, name)) is { } fault)
                    {
                        return fault;
                    }
                }

                return null;
            case JsonValueKind.Array:
                var index = 0;
                foreach (var item in element.EnumerateArray())
                {
                    if (Find(item, $"{pointer}/{index++}") is { } fault)
                    {
                        return fault;
                    }
                }

                return null;
            default:
                return null;
        }
    }

    private static InputError? Check(JsonElement element, string pointer)
    {
        try
        {
            return IsFaulty(element.GetString()!) ? Fault(pointer) : null;
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate has no UTF-16 string.
            return Fault(pointer);
        }
    }

    private static bool IsFaulty(string text)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            return true;
        }

        for (var rest = text.AsSpan(); !rest.IsEmpty;)
        {
            if (Rune.DecodeFromUtf16(rest, out _, out var consumed) != System.Buffers.OperationStatus.Done)
            {
                return true;
            }

            rest = rest[consumed..];
        }

        return false;
    }

    private static InputError Fault(string pointer) => new(pointer, "invalid_text", "Text may not contain U+0000 or a lone surrogate.");
}
