using Platform.Eventing.Hosting;
using Platform.Testing;

namespace Platform.Eventing.Tests;

/// <summary>Turns come round, also after one that failed, and end with the process.</summary>
public sealed class PeriodicWorkerTests
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_turn_that_fails_is_logged_and_the_next_one_comes(bool atStart)
    {
        var clock = new TestClock();
        using var worker = new Counting(clock, atStart);
        await worker.StartAsync(CancellationToken.None);
        var turns = atStart ? 1 : 0;
        await Eventually.IsTrueAsync(() => worker.Turns == turns, "the first turn");
        for (var i = 0; i < 3; i++)
        {
            var expected = ++turns;

            // The timer may not stand yet when the clock is turned: a tick that it missed comes with the next.
            await Eventually.IsTrueAsync(() => { clock.Advance(worker.Turns < expected ? Every : TimeSpan.Zero); return worker.Turns >= expected; }, "another turn");
            turns = worker.Turns;
        }

        await worker.StopAsync(CancellationToken.None);
        await Eventually.IsTrueAsync(() => worker.Failures == worker.Turns, "every failure said");
        var ended = worker.Turns;
        clock.Advance(Every);
        Assert.Equal(ended, worker.Turns);
        Assert.True(worker.ExecuteTask!.IsCompletedSuccessfully);
    }

    private sealed class Counting(TimeProvider clock, bool atStart) : PeriodicWorker(Every, clock)
    {
        private int _turns;
        private int _failures;

        public int Turns => Volatile.Read(ref _turns);
        public int Failures => Volatile.Read(ref _failures);
        protected override bool RunsAtStart => atStart;

        public override Task RunOnceAsync(CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _turns);
            throw new IOException("away");
        }

        protected override void LogFailed(Exception exception) => Interlocked.Increment(ref _failures);
    }
}
