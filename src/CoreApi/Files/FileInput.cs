using System.Globalization;
using System.Text;
using Microsoft.Net.Http.Headers;
using Platform.Contracts.Identifiers;
using Platform.CoreApi.Resources;
using Platform.ServiceDefaults.Problems;

namespace Platform.CoreApi.Files;

/// <summary>The rules for what a file may be called and what it may say of itself.</summary>
internal static class FileInput
{
    /// <summary>What a file without a name is called.</summary>
    public const string DefaultName = "file";

    public const string DefaultType = "application/octet-stream";
    private const int MaxName = 255;
    private const int MaxType = 255;
    private const int MaxLabels = 64;
    private const int MaxLabelName = 63;
    private const int MaxLabelValue = 255;

    /// <summary>The id of a path; what is not one of ours is not there.</summary>
    public static bool TryId(string text, out Guid id) => TypeId.TryParse(IdPrefix.File, text, out id);

    /// <summary>
    /// A name that is a name on every system: no path, nothing that does not show, nothing that shows as something else (text direction).
    /// </summary>
    public static string Name(string? given, List<InputError> errors)
    {
        if (given is null)
        {
            return DefaultName;
        }

        if (given.Length is 0 or > MaxName)
        {
            errors.Add(new("name", "invalid_length", $"A file's name has 1 to {MaxName} characters."));
        }
        else if (given is "." or ".." || given.AsSpan().ContainsAny('/', '\\') || given.Any(IsHidden) || !IsText(given))
        {
            errors.Add(new("name", "invalid_format", "A file's name is no path and holds no control characters."));
        }

        return given;
    }

    /// <summary>A media type, as it came; <c>application/octet-stream</c> where there is none.</summary>
    public static (string Full, string MediaType) Type(string? given, List<InputError> errors)
    {
        if (string.IsNullOrEmpty(given))
        {
            return (DefaultType, DefaultType);
        }

        if (given.Length <= MaxType && given.All(c => c is >= ' ' and <= '~') && MediaTypeHeaderValue.TryParse(given, out var type)
            && type.MediaType.HasValue && !type.MatchesAllTypes && !type.MatchesAllSubTypes)
        {
            return (given, type.MediaType.Value!);
        }

        errors.Add(new("Content-Type", "invalid_format", "Content-Type must be a media type such as image/png."));
        return (DefaultType, DefaultType);
    }

    /// <summary><c>label=name:value</c>, as often as there are labels; UTF-8 JSON.</summary>
    public static byte[] Labels(HttpContext http, List<InputError> errors)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var text in http.Request.Query["label"])
        {
            var separator = text!.IndexOf(':', StringComparison.Ordinal);
            if (separator is <= 0 or > MaxLabelName || text.Length - separator - 1 > MaxLabelValue || text.Contains('\0', StringComparison.Ordinal) || !IsText(text))
            {
                errors.Add(new("label", "invalid_format", $"'label' must be name:value, with 1 to {MaxLabelName} and up to {MaxLabelValue} characters."));
            }
            else if (!labels.TryAdd(text[..separator], text[(separator + 1)..]))
            {
                errors.Add(new("label", "duplicate", $"The label '{text[..separator]}' is given twice."));
            }
        }

        if (labels.Count > MaxLabels)
        {
            errors.Add(new("label", "too_many", $"A file may have {MaxLabels} labels."));
        }

        return Resource.LabelsJson(labels);
    }

    private static bool IsHidden(char c) =>
        char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        || c is (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069') or '\u200E' or '\u200F';

    /// <summary>False for half a surrogate pair, which UTF-8 cannot write.</summary>
    private static bool IsText(string text)
    {
        for (var rest = text.AsSpan(); !rest.IsEmpty;)
        {
            if (Rune.DecodeFromUtf16(rest, out _, out var consumed) != System.Buffers.OperationStatus.Done)
            {
                return false;
            }

            rest = rest[consumed..];
        }

        return true;
    }
}
