using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Platform.Analytics.Search;

/// <summary>A word and its place in the text it was found in.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Word(int Start, int Length);

/// <summary>
/// Cuts text into words: runs of letters, digits and marks, in lower case; an ideograph is a word by itself, because those scripts put no
/// spaces. Done here and not by the engine, so that documents, queries and highlights agree whatever the engine or its locale.
/// </summary>
internal static class Words
{
    /// <summary>Longer ones (keys, encoded files) are not indexed; a tsvector holds 2,046 bytes a word.</summary>
    public const int MaxBytes = 2000;

    public static IEnumerable<Word> Find(string text)
    {
        var start = -1;
        for (var i = 0; i < text.Length;)
        {
            var valid = Rune.TryGetRuneAt(text, i, out var rune);
            var length = valid ? rune.Utf16SequenceLength : 1;
            var ideograph = valid && IsIdeograph(rune.Value);
            if (start >= 0 && (ideograph || !valid || !IsPart(rune)))
            {
                yield return new(start, i - start);
                start = -1;
            }

            if (ideograph)
            {
                yield return new(i, length);
            }
            else if (start < 0 && valid && IsPart(rune))
            {
                start = i;
            }

            i += length;
        }

        if (start >= 0)
        {
            yield return new(start, text.Length - start);
        }
    }

    /// <summary>The word as it is indexed; null when it is too long to be.</summary>
    public static string? Normalize(ReadOnlySpan<char> word)
    {
        if (word.Length > MaxBytes)
        {
            return null;
        }

        var lower = string.Create(word.Length, word, static (chars, source) => source.ToLowerInvariant(chars));
        return lower.Length * 4 <= MaxBytes || Encoding.UTF8.GetByteCount(lower) <= MaxBytes ? lower : null;
    }

    /// <summary>The words of a text as they are indexed.</summary>
    public static IEnumerable<string> Of(string text)
    {
        foreach (var word in Find(text))
        {
            if (Normalize(text.AsSpan(word.Start, word.Length)) is { } normalized)
            {
                yield return normalized;
            }
        }
    }

    private static bool IsPart(Rune rune) => rune.IsAscii
        ? Rune.IsLetterOrDigit(rune)
        : Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;

    private static bool IsIdeograph(int code) =>
        code is (>= 0x3040 and <= 0x30FF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x4E00 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x323AF);
}
