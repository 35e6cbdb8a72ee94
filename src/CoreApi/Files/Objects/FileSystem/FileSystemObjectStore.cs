using System.Buffers;

namespace Platform.CoreApi.Files.Objects.FileSystem;

/// <summary>
/// Objects as files of a folder, two levels deep by the last digits of their keys, which are random. A file is written beside its place, made
/// durable, moved into it, and the move is made durable: under its name there is a whole object or none.
/// </summary>
internal sealed class FileSystemObjectStore(string root) : IObjectStore
{
    private const int BufferSize = 128 * 1024;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly string _root = Path.GetFullPath(root);

    public string Name => _root;

    public async Task WriteAsync(Guid key, Stream content, CancellationToken cancellationToken)
    {
        var path = PathOf(key);
        var part = path + ".part";
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        var (reading, done) = (false, false);
        try
        {
            MakeFolderOf(path);
            await using (var file = new FileStream(part, Writing()))
            {
                while (true)
                {
                    reading = true;
                    var read = await content.ReadAsync(buffer, cancellationToken);
                    reading = false;
                    if (read == 0)
                    {
                        break;
                    }

                    await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                }

                file.Flush(flushToDisk: true);
            }

            File.Move(part, path);
            DurableFolder.Sync(Path.GetDirectoryName(path)!);
            done = true;
        }
        catch (Exception e) when (!reading && IsOfTheDisk(e))
        {
            throw Failed(e);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            if (!done)
            {
                TryDelete(part);
                TryDelete(path);
            }
        }
    }

    public Task<Stream?> OpenAsync(Guid key, long offset, long length, CancellationToken cancellationToken)
    {
        try
        {
            var file = new FileStream(PathOf(key), new FileStreamOptions
            {
                Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0, Options = FileOptions.Asynchronous,
            });
            file.Position = offset;
            return Task.FromResult<Stream?>(file);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult<Stream?>(null);
        }
        catch (Exception e) when (IsOfTheDisk(e))
        {
            throw Failed(e);
        }
    }

    public Task DeleteAsync(Guid key, CancellationToken cancellationToken)
    {
        try
        {
            var path = PathOf(key);
            if (Directory.Exists(Path.GetDirectoryName(path)))
            {
                File.Delete(path + ".part");
                File.Delete(path);
            }

            return Task.CompletedTask;
        }
        catch (Exception e) when (IsOfTheDisk(e))
        {
            throw Failed(e);
        }
    }

    public Task<string?> WhyNotAsync(CancellationToken cancellationToken)
    {
        try
        {
            MakeFolder(_root);
            var probe = Path.Combine(_root, ".probe-" + Path.GetRandomFileName());
            using (new FileStream(probe, Writing(FileOptions.DeleteOnClose)))
            {
                return Task.FromResult<string?>(null);
            }
        }
        catch (Exception e) when (IsOfTheDisk(e))
        {
            return Task.FromResult<string?>($"The folder for files cannot be written: {e.Message} Set Files__Directory.");
        }
    }

    public Uri? Link(Guid key, ObjectLink link) => null;

    private static FileStreamOptions Writing(FileOptions options = FileOptions.Asynchronous)
    {
        var writing = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 0, Options = options };
        if (!OperatingSystem.IsWindows())
        {
            writing.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return writing;
    }

    private static bool IsOfTheDisk(Exception e) => e is IOException or UnauthorizedAccessException;

    private static ObjectStoreException Failed(Exception e) => new("The folder for files: " + e.Message, e);

    private string PathOf(Guid key)
    {
        var name = key.ToString("N");
        return Path.Combine(_root, name[^2..], name[^4..^2], name);
    }

    /// <summary>A folder that is new must be durable itself, else the file goes with it.</summary>
    private void MakeFolderOf(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(folder))
        {
            var above = Path.GetDirectoryName(folder)!;
            MakeFolder(_root);
            MakeFolder(above);
            MakeFolder(folder);
            DurableFolder.Sync(above);
            DurableFolder.Sync(_root);
        }
    }

    private static void MakeFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, OwnerOnly);
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (IsOfTheDisk(e))
        {
            // The removal that was written down before the upload takes it.
        }
    }
}
