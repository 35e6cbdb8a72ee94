using Platform.CoreApi.Caching;

namespace Platform.CoreApi.Tests.Caching;

/// <summary>Who shares whose look, move by move.</summary>
public sealed class ResourceShelfTests
{
    private readonly ResourceShelf _shelf = new(1 << 20, _ => { });
    private readonly Guid _id = Guid.CreateVersion7(DateTimeOffset.UnixEpoch);
    private readonly List<TaskCompletionSource<CachedResource?>> _looks = [];

    [Fact]
    public async Task A_thousand_who_ask_at_once_cost_one_look()
    {
        var answers = Enumerable.Range(0, 1000).Select(_ => LoadAsync()).ToArray();
        Assert.Single(_looks);
        _looks[0].SetResult(Version(1));
        Assert.All(await Task.WhenAll(answers), a => Assert.Equal(1, a!.Version));
        Assert.Equal(1, _shelf.Find(_id)!.Version);
    }

    [Fact]
    public async Task Who_asks_after_a_write_gets_a_look_that_began_after_it()
    {
        var before = LoadAsync();
        _shelf.Fence([_id]);
        _shelf.Release([_id]);
        var after = LoadAsync();
        var too = LoadAsync();
        Assert.Single(_looks);
        _looks[0].SetResult(Version(1));
        Assert.Equal(1, (await before)!.Version);
        Assert.Null(_shelf.Find(_id));
        Assert.Equal(2, _looks.Count);
        _looks[1].SetResult(Version(2));
        Assert.Equal(2, (await after)!.Version);
        Assert.Equal(2, (await too)!.Version);
        Assert.Equal(2, _shelf.Find(_id)!.Version);
    }

    [Fact]
    public async Task While_it_is_written_nothing_is_held()
    {
        _shelf.Fence([_id]);
        _shelf.Fence([_id]);
        _shelf.Release([_id]);
        var during = LoadAsync();
        _looks[0].SetResult(Version(1));
        await during;
        Assert.Null(_shelf.Find(_id));
        _shelf.Release([_id]);
        var after = LoadAsync();
        _looks[1].SetResult(Version(3));
        await after;
        Assert.Equal(3, _shelf.Find(_id)!.Version);
    }

    [Fact]
    public async Task A_look_that_began_before_all_was_let_go_is_not_held()
    {
        var asked = LoadAsync();
        _shelf.Clear();
        _looks[0].SetResult(Version(1));
        await asked;
        Assert.Null(_shelf.Find(_id));
    }

    [Fact]
    public async Task Beside_other_processes_nobody_joins_a_look_that_runs()
    {
        var first = LoadAsync(mayHold: false);
        var second = LoadAsync(mayHold: false);
        var third = LoadAsync(mayHold: false);
        _looks[0].SetResult(Version(1));
        await first;
        _looks[1].SetResult(Version(2));
        Assert.Equal(2, (await second)!.Version);
        Assert.Equal(2, (await third)!.Version);
        Assert.Null(_shelf.Find(_id));
    }

    [Fact]
    public async Task A_look_that_fails_fails_those_who_asked_and_nobody_after_them()
    {
        var asked = LoadAsync();
        _looks[0].SetException(new TimeoutException());
        await Assert.ThrowsAsync<TimeoutException>(() => asked);
        var again = LoadAsync();
        _looks[1].SetResult(null);
        Assert.Null(await again);
    }

    private static CachedResource Version(long version) => new(version, "{}"u8.ToArray());

    private Task<CachedResource?> LoadAsync(bool mayHold = true) =>
        _shelf.LoadAsync(_id, () => mayHold, () =>
        {
            _looks.Add(new());
            return _looks[^1].Task;
        });
}
