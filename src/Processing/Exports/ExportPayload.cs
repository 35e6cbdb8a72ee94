using Platform.Processing.Peers;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Exports;

/// <summary><c>{format, delimiter?, type?, labels?, fields?}</c></summary>
internal sealed record ExportPayload
{
    private const int MaxLabels = 10;
    private static readonly string[] Known = ["id", "type", "data", "labels", "version", "created_at", "updated_at"];

    public required ExportFormat Format { get; init; }

    /// <summary>Of CSV: what stands between two fields; a comma when left out.</summary>
    public string? Delimiter { get; init; }

    /// <summary><see cref="Delimiter"/>, a comma without one.</summary>
    public char Separator => CsvDelimiter.Of(Delimiter);

    /// <summary>Only of this type.</summary>
    public string? Type { get; init; }

    /// <summary>Only with all of these.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Of the resource; in CSV also <c>data.path</c> and <c>labels.name</c>. All when left out.</summary>
    public IReadOnlyList<string>? Fields { get; init; }

    /// <summary>What a row holds.</summary>
    public IReadOnlyList<string> Columns => Fields ?? Known;

    public static void Check(JsonFields payload)
    {
        var format = payload.RequiredString("format", 16);
        if (format.Length > 0 && format is not ("csv" or "ndjson"))
        {
            payload.Fault("format", "invalid_value", "'format' is one of csv, ndjson.");
        }

        CsvDelimiter.Check(payload, format);
        payload.OptionalString("type", 64);
        payload.OptionalStringMap("labels", MaxLabels);
        var fields = payload.OptionalStringList("fields") ?? [];
        for (var i = 0; i < fields.Count; i++)
        {
            var isPath = fields[i].StartsWith("data.", StringComparison.Ordinal) || fields[i].StartsWith("labels.", StringComparison.Ordinal);
            if (!Known.Contains(fields[i], StringComparer.Ordinal) && !(isPath && format == "csv"))
            {
                payload.Fault("fields", i, "invalid_value", $"'{fields[i]}' is none of {string.Join(", ", Known)}{(format == "csv" ? ", data.path, labels.name" : "")}.");
            }
        }
    }

    /// <summary>The list's address, without its cursor.</summary>
    public string ToQuery()
    {
        var query = "/v1/resources?limit=200";
        query += Type is null ? "" : "&type=" + Uri.EscapeDataString(Type);
        query += string.Concat((Labels ?? new Dictionary<string, string>()).Select(l => $"&label={Uri.EscapeDataString($"{l.Key}:{l.Value}")}"));
        return query + "&fields=" + string.Join(',', Columns.Select(c => c.Split('.')[0]).Distinct(StringComparer.Ordinal));
    }
}

internal enum ExportFormat
{
    Csv,
    Ndjson,
}
