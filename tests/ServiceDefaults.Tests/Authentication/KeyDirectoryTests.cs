using System.Collections.Concurrent;
using Platform.Contracts.Identifiers;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Authentication.Keys;
using Platform.Testing;

namespace Platform.ServiceDefaults.Tests.Authentication;

public sealed class KeyDirectoryTests
{
    private readonly TestClock _clock = new();
    private readonly ConcurrentDictionary<Guid, KnownKey> _table = new();
    private readonly ConcurrentQueue<Guid[]> _reads = new();
    private readonly KeyDirectory _directory;
    private Func<Task> _whileReading = () => Task.CompletedTask;

    public KeyDirectoryTests() => _directory = new(ReadAsync, _clock);

    [Fact]
    public async Task AnAnswerIsGoodForHalfASecond()
    {
        var id = Add(OldId());
        await FindAsync(id);
        _clock.Advance(TimeSpan.FromMilliseconds(200));
        Assert.True(FindAsync(id).IsCompletedSuccessfully);
        Assert.Single(_reads);

        Revoke(id);
        _clock.Advance(TimeSpan.FromMilliseconds(300));
        Assert.True((await FindAsync(id))!.IsRevoked);
    }

    [Fact]
    public async Task OneRequestRefreshesWhileTheOthersGoOn()
    {
        var id = Add(OldId());
        await FindAsync(id);
        var gate = new TaskCompletionSource();
        _whileReading = () => gate.Task;
        _clock.Advance(TimeSpan.FromMilliseconds(300));

        for (var i = 0; i < 100; i++)
        {
            Assert.True(FindAsync(id).IsCompletedSuccessfully);
        }

        gate.SetResult();
        await Eventually.IsTrueAsync(() => _reads.Count == 2, "the refresh");
        Assert.Equal(2, _reads.Count);
    }

    [Fact]
    public async Task ConcurrentMissesOfOneKeyShareALookUp()
    {
        var id = Add(OldId());
        var gate = new TaskCompletionSource();
        _whileReading = () => gate.Task;
        var asked = Enumerable.Range(0, 200).Select(_ => FindAsync(id)).ToArray();
        await Eventually.IsTrueAsync(() => !_reads.IsEmpty, "the first read");
        gate.SetResult();

        Assert.All(await Task.WhenAll(asked), Assert.NotNull);

        // The first look-up, and one for those who asked while it ran.
        Assert.InRange(_reads.Count, 1, 2);
    }

    [Fact]
    public async Task AChangeDropsWhatMemoryHolds()
    {
        var id = Add(OldId());
        await FindAsync(id);
        Revoke(id);
        _directory.Forget([id]);

        Assert.True((await FindAsync(id))!.IsRevoked);
    }

    [Fact]
    public async Task ALookUpThatAChangeOvertookIsNotRemembered()
    {
        var id = Add(OldId());
        _whileReading = () =>
        {
            // Read, and before the answer is back the key is revoked and the change applied.
            _whileReading = () => Task.CompletedTask;
            Revoke(id);
            _directory.Forget([id]);
            return Task.CompletedTask;
        };
        Assert.False((await FindAsync(id))!.IsRevoked);

        Assert.True((await FindAsync(id))!.IsRevoked);
    }

    [Fact]
    public async Task AnUnknownKeyIsRememberedForAMoment()
    {
        var id = OldId();
        Assert.Null(await FindAsync(id));
        Assert.Null(await FindAsync(id));
        Assert.Single(_reads);

        Add(id);
        _clock.Advance(KeyDirectory.GoodFor);
        Assert.NotNull(await FindAsync(id));
    }

    [Fact]
    public async Task AKeyThatWasJustMadeIsWaitedFor()
    {
        var id = NewId();
        var waiting = FindAsync(id);
        await Eventually.IsTrueAsync(() => _reads.Count >= 2, "the look before the wait");
        Assert.False(waiting.IsCompleted);

        Add(id);
        _directory.Forget([id]);
        Assert.NotNull(await waiting.WaitAsync(Eventually.Deadline));
    }

    [Fact]
    public async Task AKeyThatAnotherInstanceReceivedIsFoundByPolling()
    {
        var id = NewId();
        var waiting = FindAsync(id);
        await Eventually.IsTrueAsync(() => _reads.Count >= 2, "the look before the wait");
        Add(id);
        await AdvanceUntilAsync(waiting);

        Assert.NotNull(await waiting);
    }

    [Fact]
    public async Task AYoungKeyThatNeverComesIsRefusedAfterASecond()
    {
        var started = _clock.GetTimestamp();
        var waiting = FindAsync(NewId());
        await AdvanceUntilAsync(waiting);

        Assert.Null(await waiting);

        // No upper bound: the clock is turned on while a busy machine has yet to run the continuation.
        Assert.True(_clock.GetElapsedTime(started) >= TimeSpan.FromSeconds(1), "refused too early");
    }

    [Fact]
    public async Task OnlySoManyWaitAtOnce()
    {
        var waiting = Enumerable.Range(0, 64).Select(_ => FindAsync(NewId())).ToArray();
        await Eventually.IsTrueAsync(() => _reads.Sum(r => r.Length) >= 128, "64 waiting");

        Assert.Null(await FindAsync(NewId()).WaitAsync(Eventually.Deadline));
        Assert.All(waiting, w => Assert.False(w.IsCompleted));
        await AdvanceUntilAsync(Task.WhenAll(waiting));
    }

    [Fact]
    public async Task AFailureOfTheDatabaseReachesThoseWhoAskAndIsNotRemembered()
    {
        var id = Add(OldId());
        _whileReading = () => throw new TimeoutException();
        await Assert.ThrowsAsync<TimeoutException>(() => FindAsync(id));

        _whileReading = () => Task.CompletedTask;
        Assert.NotNull(await FindAsync(id));
    }

    [Fact]
    public void MemoryIsBoundedAndUnknownKeysDoNotPushOutKnownOnes()
    {
        var cache = new KeyCache(100);
        for (var i = 0; i < 10_000; i++)
        {
            cache.Set(OldId(), new(null, 0));
            Assert.InRange(cache.Count, 0, 100);
        }
    }

    private static KnownKey Key(Guid id, bool revoked = false) =>
        new(new(id, id, Roles.Owner, new HashSet<string>(["*"])), new byte[32], ExpiresAt: null, revoked);

    private Guid NewId() => TypeId.New(_clock);

    private Guid OldId() => Guid.CreateVersion7(_clock.GetUtcNow().AddHours(-1));

    private Guid Add(Guid id)
    {
        _table[id] = Key(id);
        return id;
    }

    private void Revoke(Guid id) => _table[id] = Key(id, revoked: true);

    private Task<KnownKey?> FindAsync(Guid id) => _directory.FindAsync(id, CancellationToken.None).AsTask();

    private async Task<Dictionary<Guid, KnownKey>> ReadAsync(Guid[] ids, CancellationToken cancellationToken)
    {
        _reads.Enqueue(ids);
        var found = ids.Where(_table.ContainsKey).ToDictionary(id => id, id => _table[id]);
        await _whileReading();
        return found;
    }

    /// <summary>Turns the clock by what a poll takes, as often as it needs.</summary>
    private Task AdvanceUntilAsync(Task task) =>
        Eventually.IsTrueAsync(
            () =>
            {
                _clock.Advance(TimeSpan.FromMilliseconds(50));
                return task.IsCompleted;
            },
            "the end of the wait");
}
