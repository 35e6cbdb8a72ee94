using System.Text;

namespace Platform.Eventing.Consumers;

/// <summary>Exceptions as texts that a database and a header can hold: the type's name and the message first, no half characters.</summary>
internal static class ErrorText
{
    /// <summary>UTF-16 units of an error that is kept with its event.</summary>
    public const int MaxLength = 4000;

    /// <summary>UTF-16 units of a message in a header.</summary>
    public const int MaxHeaderLength = 1000;

    public static string TypeOf(Exception e) => e.GetType().FullName ?? e.GetType().Name;

    /// <summary>Type, message and what else the exception says, shortened.</summary>
    public static string Of(Exception e)
    {
        var text = e.ToString();
        return Shorten(text.StartsWith(TypeOf(e), StringComparison.Ordinal) ? text : $"{TypeOf(e)}: {e.Message}\n{text}", MaxLength);
    }

    /// <summary>
    /// The first <paramref name="max"/> units. NUL cannot be stored in text and half a surrogate pair not in UTF-8: neither may keep an
    /// error from being written down.
    /// </summary>
    public static string Shorten(string text, int max)
    {
        var cut = text.Length <= max ? text : text[..(char.IsHighSurrogate(text[max - 1]) ? max - 1 : max)];
        var clean = new StringBuilder(cut.Length);
        foreach (var rune in cut.EnumerateRunes())
        {
            // What is half a pair comes as U+FFFD.
            clean.Append(rune.Value == 0 ? " " : rune.ToString());
        }

        return clean.ToString();
    }
}
