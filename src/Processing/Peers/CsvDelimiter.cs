using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Peers;

/// <summary>What stands between two fields of CSV.</summary>
internal static class CsvDelimiter
{
    private static readonly string[] All = [",", ";", "\t", "|"];

    /// <param name="given">Checked; null for a comma.</param>
    public static char Of(string? given) => given is null ? ',' : given[0];

    /// <summary>Reads <c>delimiter</c> of an import or export.</summary>
    public static void Check(JsonFields payload, string format)
    {
        if (payload.OptionalString("delimiter", 1) is not { } delimiter)
        {
            return;
        }

        if (format == "ndjson")
        {
            payload.Fault("delimiter", "invalid_value", "'delimiter' is for csv alone.");
        }
        else if (!All.Contains(delimiter, StringComparer.Ordinal))
        {
            payload.Fault("delimiter", "invalid_value", @"'delimiter' is one of ',', ';', '|' and a tab ('\t').");
        }
    }
}
