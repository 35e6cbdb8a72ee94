using System.Text.Json;

namespace Platform.Processing.Imports;

/// <summary>How deep a value is nested; 0 for what has nothing in it.</summary>
internal static class JsonDepth
{
    public static int Of(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => 1 + value.EnumerateObject().Select(p => Of(p.Value)).DefaultIfEmpty().Max(),
        JsonValueKind.Array => 1 + value.EnumerateArray().Select(Of).DefaultIfEmpty().Max(),
        _ => 0,
    };
}
