namespace Platform.Embedded;

/// <summary>Folders with the access rights they need, whatever the umask.</summary>
internal static class Folders
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private const UnixFileMode EveryoneReads =
        OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private const UnixFileMode OthersPass = OwnerOnly | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Readable by every account: programs.</summary>
    public static void CreateReadable(string path) => Create(path, EveryoneReads);

    /// <summary>The owner's alone.</summary>
    public static void CreatePrivate(string path) => Create(path, OwnerOnly);

    /// <summary>The owner's, but other accounts may pass through to what is theirs.</summary>
    public static void CreatePassable(string path) => Create(path, OthersPass);

    /// <summary>Removes what is left of a broken attempt; what cannot be removed now is tried again by the next one.</summary>
    public static void TryDelete(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Left for the next attempt.
        }
    }

    private static void Create(string path, UnixFileMode mode)
    {
        if (Directory.Exists(path))
        {
            return;
        }

        if (Path.GetDirectoryName(path) is { Length: > 0 } parent)
        {
            Create(parent, mode | OthersPass);
        }

        Directory.CreateDirectory(path);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }
}
