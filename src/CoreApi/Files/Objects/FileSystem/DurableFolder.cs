using System.Runtime.InteropServices;

namespace Platform.CoreApi.Files.Objects.FileSystem;

/// <summary>fsync of a folder, which .NET has no name for: without it a power cut can take a name that a file was moved to.</summary>
internal static partial class DurableFolder
{
    /// <exception cref="IOException">The disk does not say that it is durable.</exception>
    public static void Sync(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = Open(path, flags: 0);
        if (descriptor < 0)
        {
            throw new IOException($"'{path}' cannot be opened: {Marshal.GetLastPInvokeErrorMessage()}.");
        }

        try
        {
            if (Sync(descriptor) != 0)
            {
                throw new IOException($"'{path}' cannot be made durable: {Marshal.GetLastPInvokeErrorMessage()}.");
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
