using System.Security.Cryptography;
using System.Text;
using Platform.Embedded;
using Platform.ServiceDefaults.Peers;

namespace Platform.Standalone;

/// <summary><c>$PLATFORM_DATA/service-secret</c>: what local mode signs its own calls with, drawn at the first start and readable by its owner alone.</summary>
internal static class ServiceSecretFile
{
    /// <exception cref="StandaloneException">It cannot be read or written.</exception>
    public static string ReadOrCreate(string dataDirectory)
    {
        var path = Path.Combine(dataDirectory, "service-secret");
        try
        {
            if (!File.Exists(path))
            {
                Directory.CreateDirectory(dataDirectory);
                AtomicFile.Write(path, Encoding.ASCII.GetBytes(RandomNumberGenerator.GetHexString(64, lowercase: true) + "\n"));
            }

            return File.ReadAllText(path).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StandaloneException($"The secret of the services cannot be kept in {path}: {e.Message} Set PLATFORM_DATA to a folder that can be written, or {ServiceSecret.Setting}.");
        }
    }
}
