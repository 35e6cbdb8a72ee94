namespace Platform.Analytics;

/// <summary>A clock that stands still: an event of another time.</summary>
internal sealed class FixedClock(DateTimeOffset now) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => now;
}
