namespace Platform.Processing.Running;

/// <summary>n^4 units after the nth attempt, 10 % more or less, so that what failed together does not return together.</summary>
internal static class Backoff
{
    public static TimeSpan After(int attempt, TimeSpan unit) =>
        unit * (Math.Pow(Math.Clamp(attempt, 1, 50), 4) * (0.9 + (Random.Shared.NextDouble() * 0.2)));
}
