using Platform.Testing;
using Platform.ServiceDefaults.RateLimiting;

namespace Platform.ServiceDefaults.Tests.RateLimiting;

public sealed class LocalRateLimiterTests
{
    private static readonly Guid Key = Guid.CreateVersion7(DateTimeOffset.UnixEpoch);
    private readonly TestClock _clock = new();

    [Fact]
    public void ASmallLimitMayBeUsedAtOnceAndComesBackSteadily()
    {
        var limiter = Limiter(perMinute: 10);
        Assert.Equal(10, Allowed(limiter, 11));

        var refused = limiter.Decide(Key, null);
        Assert.Equal((false, 0, 60, 6), (refused.Allowed, refused.Remaining, refused.ResetSeconds, refused.RetryAfterSeconds));
        Assert.Equal("\"default\";q=10;w=60", refused.Policy.Header);

        _clock.Advance(TimeSpan.FromSeconds(5.9));
        Assert.Equal(0, Allowed(limiter, 1));
        _clock.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal(1, Allowed(limiter, 2));
        _clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(10, Allowed(limiter, 20));
    }

    [Fact]
    public void ALargeLimitMayRunTenSecondsAhead()
    {
        var limiter = Limiter(perMinute: 60_000);
        Assert.Equal(10_000, Allowed(limiter, 10_500));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1000, Allowed(limiter, 1500));
    }

    [Fact]
    public void OverAnHourNoMoreThanTheRateAndOneBurstGoThrough()
    {
        var limiter = Limiter(perMinute: 600);
        var allowed = 0;
        for (var i = 0; i < 3600 * 20; i++)
        {
            allowed += limiter.Decide(Key, null).Allowed ? 1 : 0;
            _clock.Advance(TimeSpan.FromMilliseconds(50));
        }

        Assert.InRange(allowed, 36_000, 36_100);
    }

    [Fact]
    public void WhatIsSaidToRemainIsExactlyWhatIsLeft()
    {
        var limiter = Limiter(perMinute: 7);
        for (var left = 6; left >= 0; left--)
        {
            Assert.Equal(left, limiter.Decide(Key, null).Remaining);
        }

        var refused = limiter.Decide(Key, null);
        _clock.Advance(TimeSpan.FromSeconds(refused.RetryAfterSeconds));
        Assert.True(limiter.Decide(Key, null).Allowed);
    }

    [Fact]
    public async Task ExactlyTheLimitGoesThroughHoweverManyAskAtOnce()
    {
        var limiter = Limiter(perMinute: 6_000);
        var allowed = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Allowed(limiter, 1000))));
        Assert.Equal(1000, allowed.Sum());
    }

    [Fact]
    public async Task SweepingWhileDecidingLetsNothingThroughTwice()
    {
        var limiter = Limiter(perMinute: 100);
        using var done = new CancellationTokenSource();
        var sweeping = Task.Run(() =>
        {
            while (!done.IsCancellationRequested)
            {
                limiter.Sweep();
            }
        });
        var keys = Enumerable.Range(0, 500).Select(i => Guid.CreateVersion7(DateTimeOffset.UnixEpoch.AddSeconds(i))).ToArray();
        var allowed = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(
            () => keys.Sum(key => Enumerable.Range(0, 50).Count(_ => limiter.Decide(key, null).Allowed)))));
        await done.CancelAsync();
        await sweeping;
        Assert.Equal(500 * 100, allowed.Sum());
    }

    [Fact]
    public void AKeysOwnLimitHolds()
    {
        var limiter = Limiter(perMinute: 1000);
        Assert.Equal(3, Enumerable.Range(0, 10).Count(_ => limiter.Decide(Key, 3).Allowed));
        Assert.Equal("\"default\";q=3;w=60", limiter.Decide(Key, 3).Policy.Header);
    }

    [Fact]
    public void IdleKeysAreForgottenAndPlacesAreBounded()
    {
        var limiter = new LocalRateLimiter(new() { RequestsPerMinute = 60 }, _clock, capacity: 100);
        for (var i = 0; i < 1000; i++)
        {
            limiter.Decide(Guid.CreateVersion7(DateTimeOffset.UnixEpoch.AddSeconds(i)), null);
        }

        Assert.Equal(100, limiter.Count);
        _clock.Advance(TimeSpan.FromMinutes(2));
        Assert.True(limiter.Decide(Key, null).Allowed);
        Assert.Equal(1, limiter.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    [InlineData(599)]
    [InlineData(100_000_000)]
    public void EveryLimitThatCanBeSetWorks(int perMinute)
    {
        var policy = new RatePolicy(perMinute);
        Assert.InRange(policy.Limit, 1, perMinute);
        Assert.InRange(policy.WindowSeconds, 1, 60);
        Assert.True(Limiter(perMinute).Decide(Key, null).Allowed);
    }

    private static int Allowed(LocalRateLimiter limiter, int requests) => Enumerable.Range(0, requests).Count(_ => limiter.Decide(Key, null).Allowed);

    private LocalRateLimiter Limiter(int perMinute) => new(new() { RequestsPerMinute = perMinute }, _clock);
}
