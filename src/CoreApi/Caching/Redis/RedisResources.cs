using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Text;
using Platform.CoreApi.Resources;
using StackExchange.Redis;

namespace Platform.CoreApi.Caching.Redis;

/// <summary>
/// Resources in Redis, one key each: a document with its version, or the mark of the write that came last. The mark is set before the commit
/// and replaced after it by the new version, never by nothing: a reader that saw no key before the write puts what it read only where
/// there still is none, so it cannot put an old version back. A write replaces its own mark or an older version, never another's
/// mark: while that one is under way, reads go to the database.
/// </summary>
internal sealed partial class RedisResources(RedisConnection redis, CacheTelemetry telemetry, TimeProvider clock, ILogger<RedisResources> logger)
    : ISharedResources
{
    /// <summary>How long a version is shared, and the longest time for which a write that could not reach Redis goes unseen there.</summary>
    internal static readonly TimeSpan GoodFor = TimeSpan.FromSeconds(30);

    /// <summary>A write ends long before; one whose process died leaves its mark this long, and reads go to the database.</summary>
    internal static readonly TimeSpan MarkedFor = TimeSpan.FromSeconds(30);

    /// <summary>A read that took longer than this may be older than a mark that has come and gone.</summary>
    private static readonly TimeSpan SlowRead = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(250);

    /// <summary>A Redis that is there but slow is waited for by a write: without its mark the others would read on.</summary>
    private static readonly TimeSpan MarkTimeout = TimeSpan.FromSeconds(3);
    private const int VersionDigits = 20;
    private const int MaxDocument = 256 << 10;

    private const string Replace = """
        local held = redis.call('GET', KEYS[1])
        if held ~= ARGV[1] and not (held and string.sub(held, 1, 1) == 'd' and string.sub(held, 2, 21) < string.sub(ARGV[2], 2, 21)) then return 0 end
        redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
        return 1
        """;

    private readonly ConcurrentDictionary<string, long> _untold = new(StringComparer.Ordinal);
    private int _telling;

    public async Task<CachedResource?> ReadThroughAsync(Guid tenant, Guid id, Func<Task<CachedResource?>> read)
    {
        if (redis.Database is not { } database)
        {
            return await read();
        }

        var key = Key(tenant, id);
        RedisValue held;
        try
        {
            held = await database.StringGetAsync(key).WaitAsync(Timeout, clock);
        }
        catch (Exception e) when (IsRedis(e))
        {
            LogAway(e);
            return await read();
        }

        if (Read(held) is { } shared)
        {
            telemetry.Shared();
            return shared;
        }

        var started = clock.GetTimestamp();
        var found = await read();
        if (found is not null && held.IsNull && found.Document.Length <= MaxDocument && clock.GetElapsedTime(started) < SlowRead)
        {
            // Not waited for: the answer is known, and a put that is lost costs the next one a look.
            _ = IgnoreAsync(database.StringSetAsync(key, Write(found.Version, found.Document.Span), GoodFor, When.NotExists, CommandFlags.None));
        }

        return found;
    }

    public async Task<string?> FenceAsync(Guid tenant, IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken)
    {
        var mark = NewMark();
        try
        {
            var database = redis.Database ?? throw new RedisAwayException();
            await Task.WhenAll(ids.Select(id => database.StringSetAsync(Key(tenant, id), mark, MarkedFor, When.Always, CommandFlags.None))).WaitAsync(MarkTimeout, clock, cancellationToken);
            return mark;
        }
        catch (Exception e) when (IsRedis(e))
        {
            // The write counts, not its cache. Told again until what may be held there has run out by itself.
            LogAway(e);
            var until = clock.GetTimestamp() + (long)((GoodFor + MarkedFor).TotalSeconds * clock.TimestampFrequency);
            foreach (var id in ids)
            {
                _untold[Key(tenant, id)] = until;
            }

            if (Interlocked.Exchange(ref _telling, 1) == 0)
            {
                _ = TellAsync();
            }

            return null;
        }
    }

    public async Task ShareAsync(Guid tenant, string mark, IReadOnlyCollection<Resource> resources)
    {
        if (redis.Database is not { } database)
        {
            return;
        }

        try
        {
            await Task.WhenAll(resources.Select(r => (Resource: r, Document: r.ToJson())).Where(r => r.Document.Length <= MaxDocument).Select(r => database.ScriptEvaluateAsync(
                Replace, [Key(tenant, r.Resource.Id)], [mark, Write(r.Resource.Version, r.Document), (long)GoodFor.TotalMilliseconds]))).WaitAsync(MarkTimeout, clock);
        }
        catch (Exception e) when (IsRedis(e))
        {
            // The mark stays until it runs out.
            LogAway(e);
        }
    }

    private async Task TellAsync()
    {
        do
        {
            await Task.Delay(Timeout, clock);
            foreach (var (key, until) in _untold)
            {
                var done = clock.GetTimestamp() > until;
                try
                {
                    done = done || (redis.Database is { } database && await database.StringSetAsync(key, NewMark(), MarkedFor, When.Always, CommandFlags.None).WaitAsync(Timeout, clock));
                }
                catch (Exception e) when (IsRedis(e))
                {
                    break;
                }

                if (done)
                {
                    _untold.TryRemove(new(key, until));
                }
            }
        }
        while (!_untold.IsEmpty);
        Volatile.Write(ref _telling, 0);
    }

    private static async Task IgnoreAsync(Task task) => await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private static bool IsRedis(Exception e) => e is RedisException or TimeoutException or RedisAwayException or ObjectDisposedException;

    private string NewMark() => "w" + Guid.CreateVersion7(clock.GetUtcNow()).ToString("N");

    private static string Key(Guid tenant, Guid id) => $"platform:core:resource:{{{tenant:N}}}:{id:N}";

    /// <summary><c>d</c>, the version in 20 digits (so that text compares as numbers do), the document.</summary>
    private static byte[] Write(long version, ReadOnlySpan<byte> document)
    {
        var value = new byte[1 + VersionDigits + document.Length];
        value[0] = (byte)'d';
        Utf8Formatter.TryFormat(version, value.AsSpan(1), out _, new('D', VersionDigits));
        document.CopyTo(value.AsSpan(1 + VersionDigits));
        return value;
    }

    private static CachedResource? Read(RedisValue value)
    {
        byte[]? bytes = value;
        return bytes is { Length: > 1 + VersionDigits } && bytes[0] == 'd' && long.TryParse(Encoding.ASCII.GetString(bytes, 1, VersionDigits), out var version)
            ? new(version, bytes.AsMemory(1 + VersionDigits))
            : null;
    }

    [LoggerMessage(3111, LogLevel.Debug, "Redis does not answer; resources are read without it")]
    private partial void LogAway(Exception exception);

    private sealed class RedisAwayException : Exception;
}
