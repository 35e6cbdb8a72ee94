using System.Globalization;
using System.Text;

namespace Platform.Embedded;

/// <summary>
/// One platform per data folder. The operating system's lock on <c>instance.lock</c> is the truth: it ends with the process,
/// however that dies, and is not inherited by the server (close on exec). <c>instance.pid</c> only serves the message.
/// </summary>
internal sealed class InstanceLock : IDisposable
{
    private readonly FileStream file;

    private InstanceLock(FileStream file) => this.file = file;

    public static InstanceLock Take(string dataDirectory)
    {
        FileStream taken;
        try
        {
            taken = new FileStream(
                Path.Combine(dataDirectory, "instance.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException e) when (e is not (DirectoryNotFoundException or FileNotFoundException or PathTooLongException))
        {
            throw new EmbeddedPostgresException($"data folder '{dataDirectory}' is in use by {Owner(dataDirectory)}", e);
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

    private static string Owner(string dataDirectory)
    {
        try
        {
            return int.TryParse(File.ReadAllText(NumberPath(dataDirectory)), CultureInfo.InvariantCulture, out var id) ? $"process {id}" : "another process";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "another process";
        }
    }

    private static string NumberPath(string dataDirectory) => Path.Combine(dataDirectory, "instance.pid");
}
