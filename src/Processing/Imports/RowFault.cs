using System.Text.Json;

namespace Platform.Processing.Imports;

/// <summary>Why a row was not written.</summary>
/// <param name="Code">Stable, as in problem documents.</param>
/// <param name="Errors">What the Core API says of single fields, as it says it.</param>
internal sealed record RowFault(string Code, string Detail, JsonElement? Errors = null)
{
    private const int MaxDetail = 300;
    private const int MaxErrors = 10;

    /// <summary>One line of the file of errors.</summary>
    public void WriteTo(Utf8JsonWriter json, long line)
    {
        json.WriteStartObject();
        json.WriteNumber("line", line);
        json.WriteString("code", Code);
        json.WriteString("detail", Detail.Length > MaxDetail ? Detail[..MaxDetail] : Detail);
        if (Errors is { } errors)
        {
            json.WriteStartArray("errors");
            foreach (var error in errors.EnumerateArray().Take(MaxErrors))
            {
                Write(json, error);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, JsonElement error)
    {
        // Pointers of a batch are into its body: /operations/12/data/total.
        var pointer = error.GetProperty("pointer").GetString()!.Split('/', 4);
        var detail = error.GetProperty("detail").GetString()!;
        json.WriteStartObject();
        json.WriteString("pointer", pointer.Length == 4 ? "/" + pointer[3] : "");
        json.WriteString("code", error.GetProperty("code").GetString());
        json.WriteString("detail", detail.Length > MaxDetail ? detail[..MaxDetail] : detail);
        json.WriteEndObject();
    }
}
