using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using CsvHelper;
using CsvHelper.Configuration;

namespace Platform.Processing.Exports;

/// <summary>Resources as rows.</summary>
internal sealed class RowWriter(ExportPayload payload)
{
    private readonly CsvConfiguration _csv = new(CultureInfo.InvariantCulture) { Delimiter = payload.Separator.ToString() };

    /// <summary>What the file begins with.</summary>
    public byte[] Header() => payload.Format == ExportFormat.Csv ? Csv(csv => payload.Columns.ToList().ForEach(csv.WriteField)) : [];

    /// <summary>A page of resources.</summary>
    public byte[] Rows(JsonElement page) => payload.Format == ExportFormat.Csv ? CsvRows(page) : Lines(page);

    private static byte[] Lines(JsonElement page)
    {
        var lines = new ArrayBufferWriter<byte>(64 * 1024);
        using var json = new Utf8JsonWriter(lines, Imports.Operations.Writing);
        foreach (var resource in page.EnumerateArray())
        {
            resource.WriteTo(json);
            json.Flush();
            lines.Write("\n"u8);
            json.Reset();
        }

        return lines.WrittenSpan.ToArray();
    }

    private byte[] CsvRows(JsonElement page) => Csv(csv =>
    {
        foreach (var resource in page.EnumerateArray())
        {
            foreach (var column in payload.Columns)
            {
                csv.WriteField(Text(Find(resource, column)));
            }

            csv.NextRecord();
        }
    }, ends: true);

    private byte[] Csv(Action<CsvWriter> write, bool ends = false)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        using (var csv = new CsvWriter(text, _csv, leaveOpen: true))
        {
            write(csv);
            if (!ends)
            {
                csv.NextRecord();
            }
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>A field, or what its path leads to; undefined where there is nothing. The rest of a label's column is its whole name.</summary>
    private static JsonElement Find(JsonElement resource, string column)
    {
        var parts = column.StartsWith("labels.", StringComparison.Ordinal) ? ["labels", column["labels.".Length..]] : column.Split('.');
        var found = resource;
        foreach (var part in parts)
        {
            if (found.ValueKind != JsonValueKind.Object || !found.TryGetProperty(part, out found))
            {
                return default;
            }
        }

        return found;
    }

    private static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => "",
        JsonValueKind.String => value.GetString()!,
        _ => value.GetRawText(),
    };
}
