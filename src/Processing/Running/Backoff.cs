namespace Platform.Processing.Running;

/// <summary>n^4 units after the nth attempt, or what the type says; 10 % more or less, so that what failed together does not return together.</summary>
internal static class Backoff
{
    public static TimeSpan After(int attempt, IReadOnlyList<TimeSpan> delays, TimeSpan unit)
    {
        var delay = delays.Count > 0 ? delays[Math.Min(attempt, delays.Count) - 1] : unit * Math.Pow(Math.Clamp(attempt, 1, 50), 4);
        return delay * (0.9 + (Random.Shared.NextDouble() * 0.2));
    }
}
