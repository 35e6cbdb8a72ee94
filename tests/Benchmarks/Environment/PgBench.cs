using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;

namespace Platform.Benchmarks.Environment;

/// <summary>pgbench of the machine's PostgreSQL packages, installed when root and absent.</summary>
internal sealed partial class PgBench
{
    private readonly string _path;
    private readonly NpgsqlConnectionStringBuilder _target;

    private PgBench(string path, string connectionString)
    {
        _path = path;
        _target = new(connectionString);
    }

    /// <summary>Null, after one line that says so, where it cannot be had.</summary>
    public static async Task<PgBench?> FindAsync(string connectionString)
    {
        var path = Find();
        if (path is null && System.Environment.UserName == "root")
        {
            await RunAsync("bash", ["-c", "apt-get update -q && apt-get install -y -q postgresql-contrib postgresql"], []);
            path = Find();
        }

        if (path is null)
        {
            Console.Error.WriteLine("missing: pgbench (Debian package postgresql); the floor of the write path is left out");
        }

        return path is null ? null : new(path, connectionString);
    }

    /// <summary>Runs a script with prepared statements. Returns transactions a second and the mean latency in milliseconds.</summary>
    public async Task<(double Rate, double Latency)> RunAsync(string script, int clients, TimeSpan duration)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, script);
        var output = await RunAsync(_path,
            ["-h", _target.Host!, "-p", _target.Port.ToString(), "-U", _target.Username!, "-d", _target.Database!,
                "-M", "prepared", "-n", "-c", clients.ToString(), "-j", "2", "-T", ((int)duration.TotalSeconds).ToString(), "-f", file],
            [("PGPASSWORD", _target.Password!)]);
        File.Delete(file);
        return (Figure(Tps(), output), Figure(Latency(), output));
    }

    private static string? Find() =>
        (System.Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
            .Concat(Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").Select(d => d + "/bin") : [])
            .Select(folder => Path.Combine(folder, "pgbench"))
            .FirstOrDefault(File.Exists);

    private static double Figure(Regex pattern, string output) =>
        double.Parse(pattern.Match(output) is { Success: true } match ? match.Groups[1].Value : throw new InvalidOperationException(output), CultureInfo.InvariantCulture);

    private static async Task<string> RunAsync(string program, IEnumerable<string> arguments, IEnumerable<(string Name, string Value)> environment)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return output + await errors;
    }

    [GeneratedRegex(@"tps = ([0-9.]+)", RegexOptions.None, 1000)]
    private static partial Regex Tps();

    [GeneratedRegex(@"latency average = ([0-9.]+)", RegexOptions.None, 1000)]
    private static partial Regex Latency();
}
