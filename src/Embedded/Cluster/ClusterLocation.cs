using System.Security.Cryptography;
using System.Text;
using Platform.Embedded.Server;

namespace Platform.Embedded.Cluster;

/// <summary>
/// Where the cluster lives: in the data folder, or, where the server's account cannot pass through to it (say, below
/// <c>/root</c>), in a place that it can reach, with a pointer in the data folder.
/// </summary>
internal static class ClusterLocation
{
    private const string Reachable = "/var/lib/platform";

    /// <summary>The folder of the existing cluster, or null when there is none yet.</summary>
    public static string? Existing(string dataDirectory)
    {
        var inside = Inside(dataDirectory);
        if (Directory.Exists(inside))
        {
            return inside;
        }

        var pointer = Pointer(dataDirectory);
        if (!File.Exists(pointer))
        {
            return null;
        }

        var outside = File.ReadAllText(pointer).Trim();
        return Directory.Exists(outside)
            ? outside
            : throw new EmbeddedPostgresException(
                $"the database of data folder '{dataDirectory}' should be in '{outside}', which is gone (remove '{pointer}' to start empty)");
    }

    public static async Task<string> ForNewAsync(string dataDirectory, ServerAccount account, string id, CancellationToken ct)
    {
        if (await account.CanReachAsync(dataDirectory, ct))
        {
            return Inside(dataDirectory);
        }

        // The id keeps a folder that was deleted and made again from meeting its predecessor's database.
        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{dataDirectory}\n{id}")))[..16];
        var home = Path.Combine(Reachable, name);
        Folders.CreatePassable(home);
        return Path.Combine(home, "postgres");
    }

    /// <summary>Called when the cluster is complete.</summary>
    public static void Remember(string dataDirectory, string cluster)
    {
        if (cluster != Inside(dataDirectory))
        {
            AtomicFile.Write(Pointer(dataDirectory), Encoding.UTF8.GetBytes(cluster + "\n"));
        }
    }

    private static string Inside(string dataDirectory) => Path.Combine(dataDirectory, "postgres");

    private static string Pointer(string dataDirectory) => Path.Combine(dataDirectory, "postgres.location");
}
