using System.Security.Cryptography;
using Platform.Embedded.Server;

namespace Platform.Embedded.Binaries;

/// <summary>
/// Fetches the package with npm (which knows the operator's registry, proxy and certificates), checks its content against the
/// pinned hash, and puts it into the cache in one rename, so that whatever is in the cache is complete.
/// </summary>
internal static class PackageFetch
{
    public static async Task IntoCacheAsync(
        PostgresPackage package, string cache, Func<bool> isThere, Action<string>? announce, CancellationToken ct)
    {
        // Of several processes one fetches, the others wait for it; the rename below would keep them apart anyway.
        await using var turn = await WaitForTurnAsync(Path.Combine(cache, package.FolderName + ".lock"), ct);
        if (isThere())
        {
            return;
        }

        announce?.Invoke($"fetching {PostgresPackage.DisplayName} ({package.Name}, about 23 MB) ...");
        var work = Path.Combine(cache, $".fetch-{Environment.ProcessId}-{Guid.CreateVersion7():N}");
        try
        {
            Directory.CreateDirectory(work);
            var tarball = await PackAsync(package, work, ct);
            await VerifyAsync(package, tarball, ct);
            var unpacked = Path.Combine(work, "package");
            await PackageArchive.UnpackAsync(tarball, unpacked, ct);
            MoveIntoPlace(unpacked, Path.Combine(cache, package.FolderName), isThere);
        }
        finally
        {
            Folders.TryDelete(work);
        }
    }

    private static async Task<FileStream> WaitForTurnAsync(string path, CancellationToken ct)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            }
            catch (IOException e) when (e is not (DirectoryNotFoundException or FileNotFoundException or PathTooLongException))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), ct);
            }
        }
    }

    private static async Task<string> PackAsync(PostgresPackage package, string work, CancellationToken ct)
    {
        // npm is a script on Windows, which only its shell can start.
        string[] npm = OperatingSystem.IsWindows() ? ["cmd.exe", "/c", "npm"] : ["npm"];
        CommandResult result;
        try
        {
            result = await Command.RunAsync(
                [
                    .. npm, "pack", $"{package.Name}@{PostgresPackage.Version}", "--pack-destination", work, "--ignore-scripts",
                    "--loglevel=error", "--prefer-offline", "--fetch-retries=2", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000",
                ],
                ct,
                workingDirectory: work);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new EmbeddedPostgresException(
                $"npm, which fetches {PostgresPackage.DisplayName}, was not found on PATH: install Node.js, set "
                + $"{PostgresBinaries.OverrideVariable} to a PostgreSQL's bin folder, or give a connection string",
                e);
        }

        return result.ExitCode == 0 && Directory.GetFiles(work, "*.tgz") is [var tarball]
            ? tarball
            : throw new EmbeddedPostgresException($"{PostgresPackage.DisplayName} could not be fetched by npm: {Reason(result)}");
    }

    private static async Task VerifyAsync(PostgresPackage package, string tarball, CancellationToken ct)
    {
        await using var file = File.OpenRead(tarball);
        var actual = "sha512-" + Convert.ToBase64String(await SHA512.HashDataAsync(file, ct));
        if (actual != package.Integrity)
        {
            throw new EmbeddedPostgresException($"{package.Name} {PostgresPackage.Version} is not what was expected (its hash is {actual}): not used");
        }
    }

    private static void MoveIntoPlace(string unpacked, string target, Func<bool> isThere)
    {
        try
        {
            Directory.Move(unpacked, target);
        }
        catch (IOException) when (isThere())
        {
            // Another process (on a file system without locks) was faster; its copy is as good.
        }
    }

    private static string Reason(CommandResult result)
    {
        var lines = result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(l => l.StartsWith("npm err", StringComparison.OrdinalIgnoreCase))
            .Select(l => l[(l.IndexOf(' ', 4) + 1)..])
            .Where(l => !l.StartsWith("A complete log", StringComparison.Ordinal))
            .Take(4)
            .ToList();
        return lines.Count > 0 ? string.Join("; ", lines) : $"it ended with exit code {result.ExitCode}";
    }
}
