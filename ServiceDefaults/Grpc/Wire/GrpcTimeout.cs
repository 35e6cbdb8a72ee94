using System.Globalization;

namespace Platform.ServiceDefaults.Grpc.Wire;

/// <summary>The <c>grpc-timeout</c> header: up to 8 digits and a unit (H, M, S, m, u, n).</summary>
internal static class GrpcTimeout
{
    public const string Header = "grpc-timeout";
    private const int MaxDigits = 8;

    /// <summary>What timers can wait for; longer is as good as no deadline.</summary>
    private static readonly TimeSpan Forever = TimeSpan.FromDays(24);

    /// <summary>False for a text of another form. Null stands for no deadline that anybody would see.</summary>
    public static bool TryParse(string text, out TimeSpan? timeout)
    {
        timeout = null;
        if (text.Length is < 2 or > MaxDigits + 1
            || !long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var value))
        {
            return false;
        }

        long? ticks = text[^1] switch
        {
            'H' => value * TimeSpan.TicksPerHour,
            'M' => value * TimeSpan.TicksPerMinute,
            'S' => value * TimeSpan.TicksPerSecond,
            'm' => value * TimeSpan.TicksPerMillisecond,
            'u' => value * TimeSpan.TicksPerMicrosecond,
            'n' => value / TimeSpan.NanosecondsPerTick,
            _ => null,
        };
        if (ticks is null)
        {
            return false;
        }

        timeout = ticks < Forever.Ticks ? TimeSpan.FromTicks(ticks.Value) : null;
        return true;
    }
}
