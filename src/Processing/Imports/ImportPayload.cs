using Platform.Contracts.Identifiers;
using Platform.Processing.Peers;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Imports;

/// <summary><c>{file_id, format, delimiter?, type, mapping?, on_error?}</c></summary>
internal sealed record ImportPayload
{
    private const int MaxColumns = 256;

    public required string FileId { get; init; }
    public required ImportFormat Format { get; init; }

    /// <summary>Of CSV: what stands between two fields; a comma when left out.</summary>
    public string? Delimiter { get; init; }

    /// <summary><see cref="Delimiter"/>, a comma without one.</summary>
    public char Separator => CsvDelimiter.Of(Delimiter);

    /// <summary>Of the resources that are made.</summary>
    public required string Type { get; init; }

    /// <summary>From columns (or fields of a line) to where they go; all into <c>data</c> under their own names when left out.</summary>
    public IReadOnlyDictionary<string, string>? Mapping { get; init; }

    public ImportFault OnError { get; init; } = ImportFault.Skip;

    public static void Check(JsonFields payload)
    {
        if (payload.RequiredString("file_id", 64) is { Length: > 0 } file && !TypeId.TryParse(IdPrefix.File, file, out _))
        {
            payload.Fault("file_id", "invalid_format", "'file_id' must be a file_ identifier.");
        }

        var format = payload.RequiredString("format", 16);
        OneOf(payload, "format", format, "csv", "ndjson");
        CsvDelimiter.Check(payload, format);
        if (payload.RequiredString("type", 64) is { Length: > 0 } type && !IsType(type))
        {
            payload.Fault("type", "invalid_format", "'type' must match [a-z][a-z0-9_.-]{0,63}.");
        }

        OneOf(payload, "on_error", payload.OptionalString("on_error", 16), "skip", "stop");
        if (payload.Has("mapping"))
        {
            var mapping = payload.OptionalStringMap("mapping", MaxColumns, maxKey: 255, maxValue: 255);
            foreach (var fault in ImportMapping.Faults(mapping))
            {
                payload.Fault("mapping", "invalid_value", fault);
            }
        }
    }

    /// <summary>As the Core API has it: a job is refused here rather than at its first row.</summary>
    private static bool IsType(string type) =>
        char.IsAsciiLetterLower(type[0]) && type.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '_' or '.' or '-');

    private static void OneOf(JsonFields payload, string name, string? value, params string[] values)
    {
        if (!string.IsNullOrEmpty(value) && !values.Contains(value, StringComparer.Ordinal))
        {
            payload.Fault(name, "invalid_value", $"'{name}' is one of {string.Join(", ", values)}.");
        }
    }
}

internal enum ImportFormat
{
    Csv,
    Ndjson,
}

/// <summary>What becomes of the import when a row cannot be written.</summary>
internal enum ImportFault
{
    /// <summary>The row is left out and noted.</summary>
    Skip,

    /// <summary>The import ends; of the thousand rows around the bad one none is written.</summary>
    Stop,
}
