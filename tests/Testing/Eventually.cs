using System.Diagnostics;
using Xunit;

namespace Platform.Testing;

/// <summary>Waits on a condition with a deadline: the only way in which a test waits.</summary>
public static class Eventually
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    public static Task IsTrueAsync(Func<bool> condition, string what, TimeSpan? deadline = null) =>
        IsTrueAsync(() => Task.FromResult(condition()), what, deadline);

    public static async Task IsTrueAsync(Func<Task<bool>> condition, string what, TimeSpan? deadline = null)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < (deadline ?? Deadline), $"not in time: {what}");
            await Task.Delay(10);
        }
    }

    /// <summary>Asks until the answer is not null, and returns it.</summary>
    public static async Task<T> GetAsync<T>(Func<Task<T?>> ask, string what, TimeSpan? deadline = null)
        where T : class
    {
        T? answer = null;
        await IsTrueAsync(async () => (answer = await ask()) is not null, what, deadline);
        return answer!;
    }
}
