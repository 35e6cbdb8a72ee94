using System.Globalization;
using Platform.Embedded.Binaries;
using Platform.Embedded.Cluster;

namespace Platform.Embedded.Server;

/// <summary>Everything before the start: the account, the place, the programs, the passwords, and the cluster itself.</summary>
internal static class ServerPreparation
{
    public static async Task<(ServerHome Home, ClusterSecrets Secrets)> RunAsync(
        EmbeddedPostgresOptions options, string dataDirectory, CancellationToken ct)
    {
        var existing = ClusterLocation.Existing(dataDirectory);
        var secrets = ClusterSecrets.Load(dataDirectory);
        if (existing is not null && secrets is null)
        {
            throw new EmbeddedPostgresException(
                $"data folder '{dataDirectory}' has a database, but not its passwords: 'postgres.json' is missing");
        }

        var account = await ServerAccount.ForAsync(existing, ct);
        if (existing is not null && !await account.CanReachAsync(existing, ct))
        {
            throw new EmbeddedPostgresException(
                $"'{existing}' belongs to the account {account.Name}, which cannot reach it: open the folders above it (chmod o+x)");
        }

        var binaries = await PostgresBinaries.FindAsync(account, options.Announce, ct);
        secrets ??= ClusterSecrets.Create(dataDirectory);
        var cluster = existing ?? await ClusterLocation.ForNewAsync(dataDirectory, account, secrets.Id, ct);
        var home = new ServerHome(
            dataDirectory, cluster, account, binaries, ServerSettings.For(binaries.MajorVersion, options), options.Announce);

        if (!Directory.Exists(cluster))
        {
            await ClusterInitialization.RunAsync(home, secrets, durable: !options.RelaxedDurability, ct);
        }

        ClusterLocation.Remember(dataDirectory, cluster);
        await CheckVersionAsync(home, ct);
        return (home, secrets);
    }

    private static async Task CheckVersionAsync(ServerHome home, CancellationToken ct)
    {
        var path = Path.Combine(home.Cluster, "PG_VERSION");
        var version = File.Exists(path) ? (await File.ReadAllTextAsync(path, ct)).Trim() : "nothing";
        if (version != home.Binaries.MajorVersion.ToString(CultureInfo.InvariantCulture))
        {
            throw new EmbeddedPostgresException(
                $"'{home.Cluster}' was made by PostgreSQL {version}, but this is PostgreSQL {home.Binaries.MajorVersion}: dump it with the one and restore it with the other");
        }
    }
}
