using System.Globalization;
using System.Text.Json;
using Platform.Contracts.Events;
using Platform.ServiceDefaults.Feed;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.CoreApi.Feed;

/// <summary>The rules for filters and positions, the same for queries and frames.</summary>
internal static class FilterInput
{
    private const string NoPosition = "'after' must be a position: a whole number from 0.";
    private const int MaxItems = 100;
    private const int MaxType = 128;
    private const int MaxSubject = 256;
    private const int MaxLabels = 64;
    private const int MaxLabelName = 63;
    private const int MaxLabelValue = 255;

    /// <summary><c>type</c>, <c>subject</c> and <c>label=k:v</c>, each as often as wanted.</summary>
    public static EventFilter FromQuery(HttpContext http, List<InputError> errors)
    {
        var query = http.Request.Query;
        var types = Texts(query["type"], "type", MaxType, errors);
        var subjects = Texts(query["subject"], "subject", MaxSubject, errors);
        foreach (var type in types.Where(t => !EventTypePattern.IsValid(t)))
        {
            errors.Add(new("type", "invalid_format", NoPattern(type)));
        }

        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var label in query["label"])
        {
            var separator = label!.IndexOf(':', StringComparison.Ordinal);
            if (separator < 0)
            {
                errors.Add(new("label", "invalid_format", "'label' must be name:value."));
            }
            else if (label.Contains('\0', StringComparison.Ordinal))
            {
                errors.Add(NoText("label"));
            }
            else if (separator is 0 or > MaxLabelName || label.Length - separator - 1 > MaxLabelValue)
            {
                errors.Add(new("label", "invalid_length", $"The name of a label has 1 to {MaxLabelName} characters, its value up to {MaxLabelValue}."));
            }
            else if (!labels.TryAdd(label[..separator], label[(separator + 1)..]))
            {
                errors.Add(new("label", "duplicate", $"'label' names '{label[..separator]}' twice."));
            }
        }

        if (labels.Count > MaxLabels)
        {
            errors.Add(new("label", "too_many", $"'label' can be given {MaxLabels} times."));
        }

        return new(types, subjects, labels);
    }

    /// <summary><c>types</c>, <c>subjects</c> and <c>labels</c> of a frame.</summary>
    public static EventFilter FromFrame(JsonFields fields)
    {
        var types = fields.OptionalStringList("types", MaxItems, MaxType) ?? [];
        for (var i = 0; i < types.Count; i++)
        {
            if (!EventTypePattern.IsValid(types[i]))
            {
                fields.Fault("types", i, "invalid_format", NoPattern(types[i]));
            }
        }

        return new(types, fields.OptionalStringList("subjects", MaxItems, MaxSubject) ?? [], fields.OptionalStringMap("labels", MaxLabels, MaxLabelName, MaxLabelValue));
    }

    /// <summary><c>after</c>; null when it is not there.</summary>
    public static long? After(HttpContext http, List<InputError> errors)
    {
        if (!http.Request.Query.TryGetValue("after", out var text))
        {
            return null;
        }

        if (TryPosition(text, out var position))
        {
            return position;
        }

        errors.Add(new("after", "wrong_type", NoPosition));
        return null;
    }

    /// <summary><c>after</c> of a frame; null when it is not there.</summary>
    public static long? After(JsonFields fields)
    {
        var value = fields.OptionalValue("after");
        if (value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var position) && position >= 0)
        {
            return position;
        }

        fields.Fault("after", "wrong_type", NoPosition);
        return null;
    }

    public static bool TryPosition(string? text, out long position) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out position);

    private static IReadOnlyList<string> Texts(IReadOnlyList<string?> given, string name, int maxLength, List<InputError> errors)
    {
        if (given.Count > MaxItems)
        {
            errors.Add(new(name, "too_many", $"'{name}' can be given {MaxItems} times."));
            return [];
        }

        if (given.Any(t => t!.Contains('\0', StringComparison.Ordinal)))
        {
            errors.Add(NoText(name));
            return [];
        }

        if (given.Any(t => t!.Length is 0 || t.Length > maxLength))
        {
            errors.Add(new(name, "invalid_length", $"'{name}' must have 1 to {maxLength} characters."));
            return [];
        }

        return [.. given.Distinct(StringComparer.Ordinal)!];
    }

    private static InputError NoText(string name) => new(name, "invalid_text", "U+0000 cannot be stored, so nothing has it.");

    private static string NoPattern(string type) => $"'{type}' is no event type such as resource.created, resource.* or *.";
}
