using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Platform.CoreApi.ResourceTypes.Schemas;

/// <summary>
/// Translates a pattern as JSON Schema has it (ECMA-262 with the flag <c>u</c>) to an expression that .NET matches without backtracking: in
/// time that grows with the text and not with what a hostile text makes of the pattern. What cannot be matched so (look-around,
/// back-references, word boundaries) is refused with its name.
/// </summary>
internal sealed class EcmaPattern
{
    private const int MaxLength = 1000;
    private const string Syntax = @"^$\.*+?()[]{}|/";
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);
    private static readonly CharSet Digit = CharSet.Of(('0', '9'));
    private static readonly CharSet Word = CharSet.Of(('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z'));
    private static readonly CharSet LineEnds = CharSet.Of(('\n', '\n'), ('\r', '\r'), (0x2028, 0x2029));
    private static readonly CharSet Space = CharSet.Of(
        (9, 13), (' ', ' '), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000),
        (0xFEFF, 0xFEFF));

    private readonly string _pattern;
    private readonly StringBuilder _output = new();
    private int _at;

    private EcmaPattern(string pattern) => _pattern = pattern;

    private bool IsAtEnd => _at >= _pattern.Length;

    /// <summary>The expression, or why there is none.</summary>
    public static (Regex? Regex, string? Fault) Compile(string pattern)
    {
        if (pattern.Length > MaxLength)
        {
            return (null, $"A pattern may have {MaxLength} characters.");
        }

        try
        {
            return (new(new EcmaPattern(pattern).Translate(), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, Timeout), null);
        }
        catch (FormatException e)
        {
            return (null, e.Message);
        }
        catch (ArgumentException)
        {
            return (null, "The pattern is no regular expression.");
        }
        catch (NotSupportedException)
        {
            return (null, "The pattern is too large to be matched in linear time; repeat less.");
        }
    }

    private string Translate()
    {
        while (!IsAtEnd)
        {
            var c = _pattern[_at];
            switch (c)
            {
                case '$':
                    Take(@"\z");
                    break;
                case '^' or '|' or '*' or '+' or '?' or ')':
                    Take(c.ToString());
                    break;
                case '.':
                    Take(LineEnds.Complement().ToExpression());
                    break;
                case '(':
                    _output.Append("(?:");
                    TakeGroup();
                    break;
                case '{':
                    TakeQuantifier();
                    break;
                case '}' or ']':
                    throw new FormatException($"The pattern has a '{c}' that closes nothing; write \\{c} for the character.");
                case '[':
                    _output.Append(TakeClass().ToExpression());
                    break;
                default:
                    _output.Append(TakeAtom(inClass: false).ToExpression());
                    break;
            }
        }

        return _output.ToString();
    }

    private void Take(string translated)
    {
        _at++;
        _output.Append(translated);
    }

    /// <summary>Nobody reads what a group caught, so every group is a plain one.</summary>
    private void TakeGroup()
    {
        _at++;
        if (IsAtEnd || _pattern[_at] != '?')
        {
            return;
        }

        var rest = _pattern.AsSpan(_at);
        if (rest.StartsWith("?:"))
        {
            _at += 2;
        }
        else if (rest.StartsWith("?=") || rest.StartsWith("?!") || rest.StartsWith("?<=") || rest.StartsWith("?<!"))
        {
            throw new FormatException("Look-around cannot be matched in linear time.");
        }
        else if (rest.StartsWith("?<") && rest.IndexOf('>') is var end and > 2)
        {
            _at += end + 1;
        }
        else
        {
            throw new FormatException("The pattern has a group of an unknown kind.");
        }
    }

    private void TakeQuantifier()
    {
        var end = _pattern.IndexOf('}', _at);
        var parts = end < 0 ? [] : _pattern[(_at + 1)..end].Split(',');
        if (parts.Length is 0 or > 2 || parts[0].Length == 0 || parts.Any(p => p.Length > 6 || !p.All(char.IsAsciiDigit)))
        {
            throw new FormatException("The pattern has a '{' that begins no repetition such as {2} or {2,4}; write \\{ for the character.");
        }

        _output.Append(_pattern, _at, end + 1 - _at);
        _at = end + 1;
    }

    private CharSet TakeClass()
    {
        _at++;
        var isNegated = !IsAtEnd && _pattern[_at] == '^';
        _at += isNegated ? 1 : 0;
        var set = new CharSet();
        while (true)
        {
            if (IsAtEnd)
            {
                throw new FormatException("The pattern has a '[' that is not closed.");
            }

            if (_pattern[_at] == ']')
            {
                _at++;
                return isNegated ? set.Complement() : set;
            }

            var from = TakeCharacter(inClass: true, out var whole);
            if (_at + 1 < _pattern.Length && _pattern[_at] == '-' && _pattern[_at + 1] != ']')
            {
                _at++;
                var to = TakeCharacter(inClass: true, out var wholeEnd);
                if (whole is not null || wholeEnd is not null || to < from)
                {
                    throw new FormatException("The pattern has a range that is not from a lower to a higher character.");
                }

                set.Add(from, to);
            }
            else
            {
                set.Add(whole ?? CharSet.Of((from, from)));
            }
        }
    }

    private CharSet TakeAtom(bool inClass) => TakeCharacter(inClass, out var set) is var c && set is not null ? set : CharSet.Of((c, c));

    /// <summary>A character, written as itself or with an escape; a set for an escape such as \d.</summary>
    private int TakeCharacter(bool inClass, out CharSet? set)
    {
        set = null;
        if (_pattern[_at] != '\\')
        {
            return TakeLiteral();
        }

        _at++;
        if (IsAtEnd)
        {
            throw new FormatException("The pattern ends in a backslash.");
        }

        var c = _pattern[_at++];
        switch (c)
        {
            case 'd' or 'D':
                set = c == 'd' ? Digit : Digit.Complement();
                return 0;
            case 'w' or 'W':
                set = c == 'w' ? Word : Word.Complement();
                return 0;
            case 's' or 'S':
                set = c == 's' ? Space : Space.Complement();
                return 0;
            case 'p' or 'P':
                set = TakeCategory(isNegated: c == 'P');
                return 0;
            case 't': return '\t';
            case 'n': return '\n';
            case 'v': return '\v';
            case 'f': return '\f';
            case 'r': return '\r';
            case 'b' when inClass: return '\b';
            case 'b' or 'B': throw new FormatException("Word boundaries (\\b, \\B) are not supported.");
            case '0' when IsAtEnd || !char.IsAsciiDigit(_pattern[_at]): return 0;
            case 'k' or (>= '0' and <= '9'): throw new FormatException("Back-references cannot be matched in linear time.");
            case 'c' when !IsAtEnd && char.IsAsciiLetter(_pattern[_at]): return _pattern[_at++] & 31;
            case 'x': return TakeHex(2);
            case 'u': return TakeUnicode();
            default:
                return Syntax.Contains(c, StringComparison.Ordinal) || c == '-'
                    ? c
                    : throw new FormatException($"The pattern has an escape that is not known: \\{c}");
        }
    }

    private int TakeLiteral()
    {
        Rune.DecodeFromUtf16(_pattern.AsSpan(_at), out var rune, out var consumed);
        _at += consumed;
        return rune.Value;
    }

    private CharSet TakeCategory(bool isNegated)
    {
        var end = !IsAtEnd && _pattern[_at] == '{' ? _pattern.IndexOf('}', _at) : -1;
        var set = (end < 0 ? null : CharSet.Category(_pattern[(_at + 1)..end]))
            ?? throw new FormatException("Of \\p{...} general categories are supported, such as \\p{L} or \\p{Nd}.");
        _at = end + 1;
        return isNegated ? set.Complement() : set;
    }

    private int TakeUnicode()
    {
        if (!IsAtEnd && _pattern[_at] == '{')
        {
            var end = _pattern.IndexOf('}', _at);
            var length = end - _at - 1;
            if (length is < 1 or > 6)
            {
                throw new FormatException("The pattern has a \\u that is no character.");
            }

            _at++;
            var character = TakeHex(length);
            _at++;
            return character <= 0x10FFFF ? character : throw new FormatException("The pattern has a \\u that is no character.");
        }

        var unit = TakeHex(4);
        if (char.IsHighSurrogate((char)unit) && _pattern.AsSpan(_at).StartsWith("\\u"))
        {
            _at += 2;
            var low = TakeHex(4);
            return char.IsLowSurrogate((char)low)
                ? char.ConvertToUtf32((char)unit, (char)low)
                : throw new FormatException("The pattern has half a character.");
        }

        return unit;
    }

    private int TakeHex(int length)
    {
        if (_at + length <= _pattern.Length
            && int.TryParse(_pattern.AsSpan(_at, length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
        {
            _at += length;
            return value;
        }

        throw new FormatException("The pattern has an escape without its hexadecimal digits.");
    }
}
