namespace Platform.Embedded.Server;

/// <summary>What the server wrote since this was created.</summary>
internal sealed class ServerLog(string path)
{
    private static readonly string[] Fatal = ["FATAL:", "PANIC:"];

    private readonly long start = File.Exists(path) ? new FileInfo(path).Length : 0;

    public string Path => path;

    /// <summary>At each start of the platform the log begins anew; the one before is kept as <c>.1</c>.</summary>
    public static void Rotate(string path)
    {
        if (File.Exists(path))
        {
            File.Move(path, path + ".1", overwrite: true);
        }
    }

    public bool Mentions(string text) => Read().Contains(text, StringComparison.Ordinal);

    public string Reason()
    {
        var lines = Read().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return Array.FindLast(lines, l => After(l) is not null) is { } fatal ? After(fatal)! : lines.LastOrDefault() ?? "it ended without a word";

        static string? After(string line) =>
            Fatal.Select(f => line.IndexOf(f, StringComparison.Ordinal) is >= 0 and var at ? line[(at + f.Length)..].Trim() : null)
                .FirstOrDefault(t => t is not null);
    }

    private string Read()
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            file.Seek(start, SeekOrigin.Begin);
            using var reader = new StreamReader(file);
            return reader.ReadToEnd();
        }
        catch (IOException)
        {
            return "";
        }
    }
}
