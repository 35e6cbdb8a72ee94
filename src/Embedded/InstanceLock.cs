using System.Globalization;

namespace Platform.Embedded;

/// <summary>
/// One platform per data folder. The operating system's file lock is the truth: it ends with the process, however that dies,
/// and is not inherited by the server (close on exec). The number inside only serves the message.
/// </summary>
internal sealed class InstanceLock : IDisposable
{
    private readonly FileStream file;

    private InstanceLock(FileStream file) => this.file = file;

    public static InstanceLock Take(string dataDirectory)
    {
        var path = Path.Combine(dataDirectory, "instance.lock");
        FileStream taken;
        try
        {
            taken = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException e) when (e is not (DirectoryNotFoundException or FileNotFoundException or PathTooLongException))
        {
            throw new EmbeddedPostgresException($"data folder '{dataDirectory}' is in use by {Owner(path)}", e);
        }

        taken.SetLength(0);
        taken.Write(System.Text.Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
        return new InstanceLock(taken);
    }

    // The file stays: removing it could remove the lock of an instance that has just opened it.
    public void Dispose() => file.Dispose();

    private static string Owner(string path)
    {
        try
        {
            // ReadWrite sharing takes no lock of its own on Unix; Windows refuses, and then the owner stays unnamed.
            using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
            return int.TryParse(reader.ReadToEnd(), CultureInfo.InvariantCulture, out var id) ? $"process {id}" : "another process";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "another process";
        }
    }
}
