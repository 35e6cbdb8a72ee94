using System.Runtime.InteropServices;

namespace Platform.Embedded;

/// <summary>The few system calls that .NET has no name for.</summary>
internal static partial class Posix
{
    public const int Interrupt = 2;
    public const int Quit = 3;
    public const int Kill = 9;

    /// <summary>False when there is no such process (any more).</summary>
    public static bool Signal(int processId, int signal) => SendSignal(processId, signal) == 0;

    /// <summary>As PostgreSQL asks it: a dead process that was not waited for exists.</summary>
    public static bool Exists(int processId) => SendSignal(processId, 0) == 0;

    public static void ChangeOwner(string path, uint user, uint group)
    {
        if (LinkChangeOwner(path, user, group) != 0)
        {
            throw new EmbeddedPostgresException(
                $"'{path}' could not be given to user {user}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    /// <summary>Makes renames in a folder survive a power cut.</summary>
    public static void SyncFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = Open(path, flags: 0);
        if (descriptor >= 0)
        {
            _ = Sync(descriptor);
            _ = Close(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int processId, int signal);

    [LibraryImport("libc", EntryPoint = "lchown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LinkChangeOwner(string path, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
