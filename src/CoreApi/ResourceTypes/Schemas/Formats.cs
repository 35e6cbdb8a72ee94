using System.Collections.Frozen;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Platform.CoreApi.ResourceTypes.Schemas;

/// <summary>The formats that are held, each by its RFC: 3339, 9562, 5321, 3986, 2673 and 4291.</summary>
internal static partial class Formats
{
    public static readonly FrozenDictionary<string, Func<string, bool>> ByName = new Dictionary<string, Func<string, bool>>(StringComparer.Ordinal)
    {
        ["date-time"] = IsDateTime,
        ["date"] = IsDate,
        ["uuid"] = Uuid().IsMatch,
        ["email"] = IsEmail,
        ["uri"] = IsUri,
        ["ipv4"] = IsIpv4,
        ["ipv6"] = IsIpv6,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static bool IsDate(string text) =>
        text.All(char.IsAscii) && DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    /// <summary>A second 60 is one where it can be: at the end of a day in UTC.</summary>
    private static bool IsDateTime(string text)
    {
        var match = DateTimeParts().Match(text);
        if (!match.Success || !IsDate(match.Groups[1].Value))
        {
            return false;
        }

        int Part(int group) => match.Groups[group].Length == 0 ? 0 : int.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);
        var (hour, minute, second, offsetHour, offsetMinute) = (Part(2), Part(3), Part(4), Part(6), Part(7));
        if (hour > 23 || minute > 59 || second > 60 || offsetHour > 23 || offsetMinute > 59)
        {
            return false;
        }

        var offset = ((offsetHour * 60) + offsetMinute) * (match.Groups[5].Value == "-" ? -1 : 1);
        return second < 60 || ((hour * 60) + minute - offset + 2880) % 1440 == 1439;
    }

    /// <summary>A mailbox: a dotted atom or a quoted string, at a host name or an address in brackets.</summary>
    private static bool IsEmail(string text)
    {
        var at = text.LastIndexOf('@');
        if (at is < 1 or > 64 || text.Length > 254)
        {
            return false;
        }

        var (local, domain) = (text[..at], text[(at + 1)..]);
        return (Atoms().IsMatch(local) || Quoted().IsMatch(local)) && (domain.StartsWith('[')
            ? domain.EndsWith(']') && domain[1..^1] is var address
                && (address.StartsWith("IPv6:", StringComparison.OrdinalIgnoreCase) ? IsIpv6(address[5..]) : IsIpv4(address))
            : domain.Length <= 253 && HostName().IsMatch(domain));
    }

    /// <summary>With a scheme; a reference without one is none.</summary>
    private static bool IsUri(string text)
    {
        var match = UriParts().Match(text);
        if (!match.Success)
        {
            return false;
        }

        var host = match.Groups["literal"];
        return !host.Success || host.Value.StartsWith('v') || host.Value.StartsWith('V') || IsIpv6(host.Value);
    }

    private static bool IsIpv4(string text) => Ipv4().IsMatch(text);

    private static bool IsIpv6(string text) =>
        text.All(c => char.IsAsciiHexDigit(c) || c is ':' or '.') && text.Contains(':', StringComparison.Ordinal)
        && (!text.Contains('.', StringComparison.Ordinal) || IsIpv4(text[(text.LastIndexOf(':') + 1)..]))
        && text.Split(':').All(group => group.Length <= 4 || group.Contains('.', StringComparison.Ordinal))
        && IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6;

    [GeneratedRegex(@"\A([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]+)?(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))\z")]
    private static partial Regex DateTimeParts();

    [GeneratedRegex(@"\A[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\z")]
    private static partial Regex Uuid();

    [GeneratedRegex(@"\A(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?!\z)|\z)){4}\z")]
    private static partial Regex Ipv4();

    [GeneratedRegex(@"\A[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*\z")]
    private static partial Regex Atoms();

    [GeneratedRegex(@"\A""(?:[ !#-\[\]-~]|\\[ -~])*""\z")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\A[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*\z")]
    private static partial Regex HostName();

    [GeneratedRegex("""
        (?x)\A[A-Za-z][A-Za-z0-9+.-]*:
        (?://(?:(?:[A-Za-z0-9._~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})*@)?
             (?:\[(?<literal>[0-9A-Fa-f:.]+|[vV][0-9A-Fa-f]+\.[A-Za-z0-9._~!$&'()*+,;=:-]+)\]|(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)
             (?::[0-9]*)?(?:/(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*)?
        |(?!//)(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*)
        (?:\?(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?
        (?:\#(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?\z
        """)]
    private static partial Regex UriParts();
}
