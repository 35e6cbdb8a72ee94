using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json;

namespace Platform.Embedded.Binaries;

/// <summary>Unpacks what a server needs of the package: the programs, their libraries, and the share folder.</summary>
internal static class PackageArchive
{
    private const string Root = "package/";

    private const UnixFileMode Readable =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private const UnixFileMode Executable =
        Readable | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    public static async Task UnpackAsync(string tarball, string target, CancellationToken ct)
    {
        await using var file = File.OpenRead(tarball);
        await using var plain = new GZipStream(file, CompressionMode.Decompress);
        await using var tar = new TarReader(plain);
        while (await tar.GetNextEntryAsync(copyData: false, ct) is { } entry)
        {
            if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile && IsNeeded(entry.Name))
            {
                var path = Inside(target, entry.Name[Root.Length..]);
                Folders.CreateReadable(Path.GetDirectoryName(path)!);
                await entry.ExtractToFileAsync(path, overwrite: false, ct);
                if (!OperatingSystem.IsWindows())
                {
                    // Explicit, so that neither the archive nor our umask closes them to the server's account.
                    File.SetUnixFileMode(path, entry.Mode.HasFlag(UnixFileMode.UserExecute) || IsProgram(entry.Name) ? Executable : Readable);
                }
            }
        }

        await MakeLinksAsync(target, ct);
    }

    // Static libraries are for those who compile against it.
    private static bool IsNeeded(string name) =>
        name.StartsWith(Root + "native/", StringComparison.Ordinal) && !name.EndsWith(".a", StringComparison.Ordinal);

    private static bool IsProgram(string name) => name.StartsWith(Root + "native/bin/", StringComparison.Ordinal);

    // A tarball from npm cannot carry links: they come as a list.
    private static async Task MakeLinksAsync(string target, CancellationToken ct)
    {
        var list = Path.Combine(target, "native", "pg-symlinks.json");
        if (!File.Exists(list))
        {
            return;
        }

        await using var json = File.OpenRead(list);
        using var links = await JsonDocument.ParseAsync(json, cancellationToken: ct);
        foreach (var link in links.RootElement.EnumerateArray())
        {
            var source = Inside(target, link.GetProperty("source").GetString()!);
            var path = Inside(target, link.GetProperty("target").GetString()!);
            if (File.Exists(path))
            {
                continue;
            }

            Folders.CreateReadable(Path.GetDirectoryName(path)!);
            if (OperatingSystem.IsWindows())
            {
                File.Copy(source, path);
            }
            else
            {
                File.CreateSymbolicLink(path, Path.GetRelativePath(Path.GetDirectoryName(path)!, source));
            }
        }
    }

    private static string Inside(string root, string name)
    {
        var path = Path.GetFullPath(Path.Combine(root, name));
        return path.StartsWith(Path.GetFullPath(root) + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? path
            : throw new EmbeddedPostgresException($"the PostgreSQL package has an entry outside of itself: '{name}'");
    }
}
