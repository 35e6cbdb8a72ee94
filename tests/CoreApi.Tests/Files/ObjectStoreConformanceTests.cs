using System.Security.Cryptography;
using Platform.Contracts.Identifiers;
using Platform.CoreApi.Files.Objects;
using Platform.CoreApi.Files.Objects.S3;

namespace Platform.CoreApi.Tests.Files;

/// <summary>What every object store does. The same tests for each.</summary>
public sealed class ObjectStoreConformanceTests(StoreFixture stores) : IClassFixture<StoreFixture>
{
    private const int Part = S3Upload.PartSize;

    public static TheoryData<string> Stores() => [StoreFixture.FileSystem, StoreFixture.S3];

    public static TheoryData<string, int> Sizes()
    {
        var data = new TheoryData<string, int>();
        foreach (var store in new[] { StoreFixture.FileSystem, StoreFixture.S3 })
        {
            foreach (var size in new[] { 0, 1, 1000, Part - 1, Part, Part + 1, (2 * Part) + 12345 })
            {
                data.Add(store, size);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task What_was_written_is_read_byte_for_byte(string name, int size)
    {
        var (store, key, bytes) = (stores.Get(name), NewKey(), RandomNumberGenerator.GetBytes(size));
        await store.WriteAsync(key, new Trickle(bytes), default);
        if (size > 0)
        {
            Assert.True((await ReadAsync(store, key, 0, size)).AsSpan().SequenceEqual(bytes));
        }
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Ranges_are_exact(string name)
    {
        var (store, key, bytes) = (stores.Get(name), NewKey(), RandomNumberGenerator.GetBytes(100_000));
        await store.WriteAsync(key, new Trickle(bytes), default);
        foreach (var (offset, length) in new[] { (0, 1), (99_999, 1), (1, 99_999), (5_000, 70_000) })
        {
            Assert.True((await ReadAsync(store, key, offset, length)).AsSpan().SequenceEqual(bytes.AsSpan(offset, length)));
        }
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task What_is_not_there_is_null_and_its_deletion_is_no_failure(string name)
    {
        var (store, key) = (stores.Get(name), NewKey());
        Assert.Null(await store.OpenAsync(key, 0, 1, default));
        await store.DeleteAsync(key, default);
        await store.WriteAsync(key, new Trickle([1, 2, 3]), default);
        await store.DeleteAsync(key, default);
        await store.DeleteAsync(key, default);
        Assert.Null(await store.OpenAsync(key, 0, 1, default));
    }

    [Theory]
    [InlineData(StoreFixture.FileSystem, 10)]
    [InlineData(StoreFixture.FileSystem, Part + 10)]
    [InlineData(StoreFixture.S3, 10)]
    [InlineData(StoreFixture.S3, Part + 10)]
    public async Task Content_that_breaks_off_leaves_nothing_and_says_so_itself(string name, int after)
    {
        var (store, key) = (stores.Get(name), NewKey());
        await Assert.ThrowsAsync<EndOfStreamException>(() => store.WriteAsync(key, new Trickle(new byte[after]) { BreaksOff = true }, default));
        Assert.Null(await store.OpenAsync(key, 0, 1, default));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_cancelled_write_leaves_nothing(string name)
    {
        var (store, key) = (stores.Get(name), NewKey());
        using var end = new CancellationTokenSource();
        var content = new Trickle(new byte[Part + 10]) { AtEnd = end.Cancel };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.WriteAsync(key, content, end.Token));
        Assert.Null(await store.OpenAsync(key, 0, 1, default));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_deletion_in_the_middle_of_a_read_gives_the_whole_or_an_error_and_never_other_bytes(string name)
    {
        var (store, key, bytes) = (stores.Get(name), NewKey(), RandomNumberGenerator.GetBytes(4_000_000));
        await store.WriteAsync(key, new Trickle(bytes), default);
        await using var content = (await store.OpenAsync(key, 0, bytes.Length, default))!;
        var read = new byte[bytes.Length];
        await content.ReadExactlyAsync(read.AsMemory(0, 1000));
        await store.DeleteAsync(key, default);
        try
        {
            await content.ReadExactlyAsync(read.AsMemory(1000));
        }
        catch (IOException)
        {
            return;
        }

        Assert.True(read.AsSpan().SequenceEqual(bytes));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Many_at_once_do_not_meet(string name)
    {
        var store = stores.Get(name);
        var written = Enumerable.Range(0, 20).Select(_ => (Key: NewKey(), Bytes: RandomNumberGenerator.GetBytes(50_000))).ToArray();
        await Task.WhenAll(written.Select(w => store.WriteAsync(w.Key, new Trickle(w.Bytes), default)));
        var read = await Task.WhenAll(written.Select(w => ReadAsync(store, w.Key, 0, w.Bytes.Length)));
        Assert.All(written.Zip(read), pair => Assert.True(pair.First.Bytes.AsSpan().SequenceEqual(pair.Second)));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_store_that_works_says_nothing(string name) => Assert.Null(await stores.Get(name).WhyNotAsync(default));

    [Fact]
    public async Task Folders_and_files_are_the_owners_alone()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var key = NewKey();
        await stores.Get(StoreFixture.FileSystem).WriteAsync(key, new Trickle([1]), default);
        var file = Directory.GetFiles(stores.Root, key.ToString("N"), SearchOption.AllDirectories).Single();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        for (var folder = Path.GetDirectoryName(file)!; folder.StartsWith(stores.Root, StringComparison.Ordinal); folder = Path.GetDirectoryName(folder)!)
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
        }
    }

    private static Guid NewKey() => TypeId.New(TimeProvider.System);

    private static async Task<byte[]> ReadAsync(IObjectStore store, Guid key, long offset, int length)
    {
        await using var content = await store.OpenAsync(key, offset, length, default);
        Assert.NotNull(content);
        var bytes = new byte[length];
        await content.ReadExactlyAsync(bytes);
        return bytes;
    }

    /// <summary>Gives its bytes in odd pieces, as a network does.</summary>
    private sealed class Trickle(byte[] bytes) : Stream
    {
        private int _position;

        public bool BreaksOff { get; init; }
        public Action? AtEnd { get; init; }
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = Math.Min(Math.Min(buffer.Length, 77_777), bytes.Length - _position);
            if (count == 0 && AtEnd is not null)
            {
                AtEnd();
                cancellationToken.ThrowIfCancellationRequested();
            }

            if (count == 0 && BreaksOff)
            {
                throw new EndOfStreamException("gone");
            }

            bytes.AsMemory(_position, count).CopyTo(buffer);
            _position += count;
            return ValueTask.FromResult(count);
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override void Flush() => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
