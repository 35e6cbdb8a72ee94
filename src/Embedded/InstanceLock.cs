using System.Globalization;
using System.Text;
using Platform.Embedded.Server;

namespace Platform.Embedded;

/// <summary>
/// One platform per data folder. The operating system's lock on <c>instance.lock</c> is the truth: it ends with the process,
/// however that dies, and is not inherited by the server (close on exec). <c>instance.pid</c> only serves the message.
/// </summary>
internal sealed class InstanceLock : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private readonly FileStream file;

    private InstanceLock(FileStream file) => this.file = file;

    public static InstanceLock Take(string dataDirectory)
    {
        FileStream? taken = null;
        IOException? refusal = null;

        // What an instance was just starting when it was killed has its lock from fork to exec, a moment longer than the instance lived.
        SpinWait.SpinUntil(() => (taken = TryOpen(dataDirectory, out refusal)) is not null || IsOwnerAlive(dataDirectory), Patience);
        if (taken is null)
        {
            throw new EmbeddedPostgresException($"data folder '{dataDirectory}' is in use by {Owner(dataDirectory)}", refusal!);
        }

        try
        {
            AtomicFile.Write(NumberPath(dataDirectory), Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
            return new InstanceLock(taken);
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    // The file stays: removing it could remove the lock of an instance that has just opened it.
    public void Dispose() => file.Dispose();

    private static FileStream? TryOpen(string dataDirectory, out IOException? refusal)
    {
        try
        {
            refusal = null;
            return new FileStream(
                Path.Combine(dataDirectory, "instance.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException e) when (e is not (DirectoryNotFoundException or FileNotFoundException or PathTooLongException))
        {
            refusal = e;
            return null;
        }
    }

    private static bool IsOwnerAlive(string dataDirectory) => OwnerId(dataDirectory) is { } id && Processes.IsAlive(id);

    private static string Owner(string dataDirectory) => OwnerId(dataDirectory) is { } id ? $"process {id}" : "another process";

    private static int? OwnerId(string dataDirectory)
    {
        try
        {
            return int.TryParse(File.ReadAllText(NumberPath(dataDirectory)), CultureInfo.InvariantCulture, out var id) ? id : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string NumberPath(string dataDirectory) => Path.Combine(dataDirectory, "instance.pid");
}
