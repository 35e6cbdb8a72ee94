using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Platform.EndToEnd;

/// <summary>
/// The README's tour: its <c>bash</c> blocks run as one script, and what each prints is held against the <c>text</c> block that
/// follows it, where <c>…</c> stands for anything.
/// </summary>
internal static partial class Tour
{
    private const string Mark = "--- end of step ";

    /// <summary>The steps of README.md between its heading "A five-minute tour" and the next heading of that level.</summary>
    public static IReadOnlyList<(string Script, string Expected)> Read()
    {
        var readme = File.ReadAllText(Path.Combine(Testing.Repository.Root, "README.md"));
        var start = readme.IndexOf("## A five-minute tour", StringComparison.Ordinal);
        var end = readme.IndexOf("\n## ", start + 5, StringComparison.Ordinal);
        return [.. Step().Matches(readme[start..end]).Select(m => (m.Groups["script"].Value, m.Groups["expected"].Value))];
    }

    /// <summary>Runs the tour against a platform and checks every step.</summary>
    public static async Task RunAsync(Uri url, string key)
    {
        var steps = Read();
        Assert.True(steps.Count >= 6, "the tour has lost its steps");
        var script = new StringBuilder("set -e\n");
        foreach (var (step, i) in steps.Select((s, i) => (s.Script, i)))
        {
            script.Append(step).Append("\nprintf '\\n%s\\n' '").Append(Mark).Append(i).Append("'\n");
        }

        var (output, exitCode) = await BashAsync(script.ToString(), url, key);
        Assert.True(exitCode == 0, output);
        var printed = Regex.Split(output, $"^{Mark}\\d+\n", RegexOptions.Multiline, TimeSpan.FromSeconds(5));
        for (var i = 0; i < steps.Count; i++)
        {
            var pattern = "^" + Regex.Escape(steps[i].Expected.Trim()).Replace("…", "(.|\n)*", StringComparison.Ordinal) + "$";
            var actual = printed[i].Replace("\r", "", StringComparison.Ordinal).Trim();
            Assert.True(Regex.IsMatch(actual, pattern, RegexOptions.None, TimeSpan.FromSeconds(5)), $"step {i + 1} printed:\n{actual}\nand not:\n{steps[i].Expected}");
        }
    }

    private static async Task<(string Output, int ExitCode)> BashAsync(string script, Uri url, string key)
    {
        var data = Testing.TemporaryFolder.Create();
        await File.WriteAllTextAsync(data + "/api-key", key);
        var start = new ProcessStartInfo("bash") { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Testing.Repository.Root };
        start.Environment["URL"] = url.ToString().TrimEnd('/');
        start.Environment["PLATFORM_DATA"] = data;
        start.Environment["RECEIVER_PORT"] = Testing.PlatformProcess.FreePort().ToString();
        using var bash = Process.Start(start)!;
        await bash.StandardInput.WriteAsync(script);
        bash.StandardInput.Close();
        var output = bash.StandardOutput.ReadToEndAsync();
        var errors = bash.StandardError.ReadToEndAsync();
        try
        {
            await bash.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(2));
        }
        catch (TimeoutException)
        {
            bash.Kill(entireProcessTree: true);
        }

        var exitCode = bash.HasExited ? bash.ExitCode : -1;
        return (await output + (exitCode == 0 ? "" : "\nstderr: " + await errors), exitCode);
    }

    [GeneratedRegex("```bash\n(?<script>(.|\n)*?)```\n\n```text\n(?<expected>(.|\n)*?)```", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Step();
}
