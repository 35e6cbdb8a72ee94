using System.ComponentModel;
using System.Diagnostics;
using Xunit;

namespace Platform.Testing;

/// <summary>
/// Independent clients from npm, in tests/Conformance. Their packages are installed once, by whoever comes first: test processes that run
/// side by side wait for each other on a lock file.
/// </summary>
public static class NodeWitness
{
    private static readonly Lazy<Task<string>> Folder = new(InstallAsync);

    /// <summary>Runs a script of tests/Conformance with these lines as its input, and returns the lines of its output.</summary>
    public static async Task<IReadOnlyList<string>> RunAsync(string script, IEnumerable<string> input)
    {
        var output = await RunAsync("node", [script], await Folder.Value, string.Join('\n', input));
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Starts a script of tests/Conformance that serves until its input ends. The caller ends it.</summary>
    public static async Task<Process> StartAsync(string script, params string[] arguments) => Start("node", [script, .. arguments], await Folder.Value);

    private static async Task<string> InstallAsync()
    {
        var folder = Find();
        var installed = Path.Combine(folder, "node_modules", ".package-lock.json");
        await using var held = await LockAsync(Path.Combine(folder, ".install.lock"));
        if (!File.Exists(installed) || File.GetLastWriteTimeUtc(installed) < File.GetLastWriteTimeUtc(Path.Combine(folder, "package-lock.json")))
        {
            await RunAsync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], folder, input: "");
        }

        return folder;
    }

    private static async Task<FileStream> LockAsync(string path)
    {
        FileStream? held = null;
        await Eventually.IsTrueAsync(() =>
        {
            try
            {
                held = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
                return true;
            }
            catch (IOException)
            {
                return false;
            }
        }, "the lock on tests/Conformance", TimeSpan.FromMinutes(3));
        return held!;
    }

    private static async Task<string> RunAsync(string program, string[] arguments, string folder, string input)
    {
        var process = Start(program, arguments, folder);
        using (process)
        {
            var output = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEndAsync();
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
            await process.WaitForExitAsync();
            Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {await error}");
            return await output;
        }
    }

    private static Process Start(string program, string[] arguments, string folder)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder, UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            Assert.Fail($"'{program}' was not found: the conformance tests need Node 20 or newer with npm on the PATH.");
            throw;
        }
    }

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Platform.sln")))
            {
                return Path.Combine(folder.FullName, "tests", "Conformance");
            }
        }

        throw new InvalidOperationException("The tests do not run below the repository.");
    }
}
