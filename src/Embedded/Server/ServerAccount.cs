using System.Globalization;

namespace Platform.Embedded.Server;

/// <summary>
/// The account the server runs as: ours, or, because PostgreSQL refuses to run as root, an unprivileged one that root drops to.
/// initdb wants the account to have a passwd entry, so a made-up number would not do.
/// </summary>
internal sealed record ServerAccount(string Name, uint? UserId, uint? GroupId)
{
    /// <summary>True when it is not the account of this process.</summary>
    public bool IsOther => UserId is not null;

    /// <summary>Whoever owns an existing cluster has to run it; a new one goes to <c>postgres</c> or <c>nobody</c>.</summary>
    public static async Task<ServerAccount> ForAsync(string? existingCluster, CancellationToken ct)
    {
        if (OperatingSystem.IsWindows() || !Environment.IsPrivilegedProcess)
        {
            return new ServerAccount(Environment.UserName, UserId: null, GroupId: null);
        }

        if (!OperatingSystem.IsLinux())
        {
            throw new EmbeddedPostgresException("PostgreSQL does not run as root: start the platform as an ordinary user");
        }

        var accounts = (await File.ReadAllLinesAsync("/etc/passwd", ct)).Select(l => l.Split(':')).Where(f => f.Length >= 4).ToList();
        var owner = existingCluster is null ? null : await OwnerAsync(existingCluster, ct);
        var entry = owner is null
            ? accounts.Find(a => a[0] == "postgres") ?? accounts.Find(a => a[0] == "nobody")
            : accounts.Find(a => a[2] == owner);
        if (entry is null || entry[2] == "0")
        {
            throw new EmbeddedPostgresException(owner is null
                ? "PostgreSQL does not run as root, and there is no account 'postgres' or 'nobody' to drop to: start the platform as an ordinary user"
                : $"PostgreSQL cannot run as the owner (user {owner}) of '{existingCluster}'");
        }

        return new ServerAccount(entry[0], uint.Parse(entry[2], CultureInfo.InvariantCulture), uint.Parse(entry[3], CultureInfo.InvariantCulture));
    }

    /// <summary>The command line that runs <paramref name="command"/> as this account.</summary>
    public string[] Wrap(params IEnumerable<string> command) =>
        IsOther ? ["setpriv", $"--reuid={UserId}", $"--regid={GroupId}", "--clear-groups", .. command] : [.. command];

    /// <summary>Asks the system itself, which knows owners, groups and access lists.</summary>
    public async Task<bool> CanReachAsync(string directory, CancellationToken ct) =>
        !IsOther || (await RunAsync(["test", "-x", directory], ct)).ExitCode == 0;

    public async Task<CommandResult> RunAsync(IReadOnlyList<string> command, CancellationToken ct)
    {
        try
        {
            return await Command.RunAsync(Wrap(command), ct);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new EmbeddedPostgresException($"'{(IsOther ? "setpriv" : command[0])}' could not be started: {e.Message}", e);
        }
    }

    public void Own(string path)
    {
        if (IsOther)
        {
            Posix.ChangeOwner(path, UserId!.Value, GroupId!.Value);
        }
    }

    private static async Task<string> OwnerAsync(string path, CancellationToken ct) =>
        (await Command.RunAsync(["stat", "-c", "%u", path], ct)).Output.Trim();
}
