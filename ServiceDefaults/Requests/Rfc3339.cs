using System.Globalization;

namespace Platform.ServiceDefaults.Requests;

/// <summary>Times of the API: RFC 3339, microseconds (what PostgreSQL keeps), UTC.</summary>
public static class Rfc3339
{
    private const string Output = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    private static readonly string[] Inputs =
    [
        "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd't'HH:mm:ss.FFFFFFFK",
    ];

    /// <summary>Writes a time with six decimals.</summary>
    public static string Format(DateTimeOffset time) => time.UtcDateTime.ToString(Output, CultureInfo.InvariantCulture);

    /// <summary>The current time at the precision that is stored, so that what is answered is what is read back.</summary>
    public static DateTimeOffset Now(TimeProvider clock)
    {
        var now = clock.GetUtcNow();
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }

    /// <summary>Reads a time that carries an offset.</summary>
    public static bool TryParse(string? text, out DateTimeOffset time)
    {
        time = default;
        if (text is null || text.Length < 20 || !(text.EndsWith('Z') || text.EndsWith('z') || text[^6] is '+' or '-'))
        {
            return false;
        }

        if (!DateTimeOffset.TryParseExact(text.ToUpperInvariant(), Inputs, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var parsed))
        {
            return false;
        }

        time = parsed.ToUniversalTime();
        return true;
    }
}
