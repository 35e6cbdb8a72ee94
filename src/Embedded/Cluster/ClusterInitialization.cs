using Platform.Embedded.Server;

namespace Platform.Embedded.Cluster;

/// <summary>
/// initdb in a work folder beside the cluster's place, then one rename: a cluster that is there is complete, whenever the first
/// start was interrupted.
/// </summary>
internal static class ClusterInitialization
{
    private const string WorkPrefix = "postgres.init-";

    public static async Task RunAsync(ServerHome home, ClusterSecrets secrets, bool durable, CancellationToken ct)
    {
        var parent = Path.GetDirectoryName(home.Cluster)!;
        foreach (var abandoned in Directory.GetDirectories(parent, WorkPrefix + "*"))
        {
            Folders.TryDelete(abandoned);
        }

        home.Announce?.Invoke("creating the database ...");
        var work = Path.Combine(parent, WorkPrefix + Guid.CreateVersion7().ToString("N"));
        try
        {
            Folders.CreatePrivate(work);
            var passwordFile = Path.Combine(work, "password");
            AtomicFile.Write(passwordFile, System.Text.Encoding.ASCII.GetBytes(secrets.SuperuserPassword));
            home.Account.Own(passwordFile);
            home.Account.Own(work);

            var cluster = Path.Combine(work, "cluster");
            await InitDbAsync(home, cluster, passwordFile, durable, ct);
            Directory.Move(cluster, home.Cluster);
            Posix.SyncFolder(parent);
        }
        finally
        {
            Folders.TryDelete(work);
        }
    }

    private static async Task InitDbAsync(ServerHome home, string cluster, string passwordFile, bool durable, CancellationToken ct)
    {
        List<string> command =
        [
            home.Binaries.InitDb, "-D", cluster, "--username=postgres", $"--pwfile={passwordFile}", "--auth=scram-sha-256",
            "--no-locale", "--encoding=UTF8", "--no-instructions",
        ];
        if (!durable)
        {
            command.Add("--no-sync");
        }

        var result = await home.Account.RunAsync(command, ct);
        if (result.ExitCode != 0)
        {
            var lines = result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            throw new EmbeddedPostgresException(
                $"the database could not be created in '{home.Cluster}': {Array.Find(lines, l => l.Contains("error", StringComparison.Ordinal)) ?? lines.FirstOrDefault()}");
        }
    }
}
