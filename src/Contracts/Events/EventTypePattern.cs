namespace Platform.Contracts.Events;

/// <summary>Which event types a webhook endpoint or a reader of the event feed wants: a type itself, <c>resource.*</c> for all below a name, or <c>*</c> for all.</summary>
public static class EventTypePattern
{
    /// <summary>Every type.</summary>
    public const string All = "*";
    private const string Below = ".*";

    /// <summary>True for <c>*</c> and for dotted lower-case names with an optional <c>.*</c> at the end.</summary>
    public static bool IsValid(string pattern)
    {
        if (pattern == All)
        {
            return true;
        }

        var name = pattern.EndsWith(Below, StringComparison.Ordinal) ? pattern[..^Below.Length] : pattern;
        return name.Split('.').All(part => part.Length > 0 && char.IsAsciiLetterLower(part[0])
            && part.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_'));
    }

    /// <summary>True when the pattern, a valid one, takes in the type.</summary>
    public static bool Matches(string pattern, string type) =>
        pattern == All || pattern == type
        || (pattern.EndsWith(Below, StringComparison.Ordinal) && type.AsSpan().StartsWith(pattern.AsSpan(0, pattern.Length - 1), StringComparison.Ordinal));
}
