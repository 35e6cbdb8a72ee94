using System.Text;
using Platform.Contracts.Identifiers;
using Platform.ServiceDefaults.Hosting;

namespace Platform.Auth.FirstKey;

/// <summary>
/// <c>$PLATFORM_DATA/api-key</c>. The key is written beside it, under its id, before the transaction commits, and takes its place
/// afterwards; a start that finds the key committed and the file still beside makes up for it. So whatever is interrupted, the file
/// holds the key that exists, and a key that exists is in a file.
/// </summary>
internal sealed class FirstKeyFile(IConfiguration configuration)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public string Path { get; } = System.IO.Path.GetFullPath(
        System.IO.Path.Combine(configuration["PLATFORM_DATA"] is { Length: > 0 } data ? data : ".platform", "api-key"));

    /// <summary>Writes the key beside its place, durably.</summary>
    /// <exception cref="StartupException">It cannot be written.</exception>
    public void Prepare(Guid keyId, string text)
    {
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = OwnerOnly;
            }

            using var file = new FileStream(Beside(keyId), options);
            file.Write(Encoding.ASCII.GetBytes(text + "\n"));
            file.Flush(flushToDisk: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"The owner's API key cannot be written to {Path}: {e.Message} Set PLATFORM_DATA to a folder that can be written.", e);
        }
    }

    /// <summary>The key is committed: puts it in its place, and removes what attempts that never committed left. Done before, it does nothing.</summary>
    public void Confirm(Guid keyId)
    {
        try
        {
            File.Move(Beside(keyId), Path, overwrite: true);
            foreach (var left in Directory.EnumerateFiles(System.IO.Path.GetDirectoryName(Path)!, "api-key.*.new"))
            {
                File.Delete(left);
            }
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // In its place already, or this instance has another folder than the one that made the key.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"The owner's API key is in {Beside(keyId)} and cannot be moved to {Path}: {e.Message}", e);
        }
    }

    private string Beside(Guid keyId) => $"{Path}.{TypeId.Format(IdPrefix.ApiKey, keyId)}.new";
}
