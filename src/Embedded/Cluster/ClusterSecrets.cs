using System.Security.Cryptography;
using System.Text.Json;

namespace Platform.Embedded.Cluster;

/// <summary>
/// <c>postgres.json</c> in the data folder (mode 600): the passwords, and how far the first start has come. Without it the
/// cluster cannot be used, so it is written before the cluster and flushed to the disk.
/// </summary>
/// <param name="Id">Tells a cluster outside of the data folder from that of a deleted folder of the same path.</param>
/// <param name="SuperuserPassword">Of the role <c>postgres</c>.</param>
/// <param name="PlatformPassword">Of the role <c>platform</c>.</param>
/// <param name="Provisioned">Role, database and extensions are there.</param>
internal sealed record ClusterSecrets(string Id, string SuperuserPassword, string PlatformPassword, bool Provisioned)
{
    public static ClusterSecrets? Load(string dataDirectory)
    {
        var path = PathIn(dataDirectory);
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<ClusterSecrets>(File.ReadAllBytes(path)) : null;
        }
        catch (JsonException e)
        {
            throw new EmbeddedPostgresException($"'{path}' is damaged: {e.Message}", e);
        }
    }

    public static ClusterSecrets Create(string dataDirectory)
    {
        var secrets = new ClusterSecrets(Random(8), Random(24), Random(24), Provisioned: false);
        secrets.Save(dataDirectory);
        return secrets;
    }

    public void Save(string dataDirectory)
    {
        AtomicFile.Write(PathIn(dataDirectory), JsonSerializer.SerializeToUtf8Bytes(this));
    }

    // Hex needs no quoting in SQL, connection strings or files.
    private static string Random(int bytes) => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(bytes));

    private static string PathIn(string dataDirectory) => Path.Combine(dataDirectory, "postgres.json");
}
