using System.Diagnostics;
using System.Text;

namespace Platform.Embedded.Tests;

/// <summary>Another process that runs the embedded server (Embedded.Tests.Host), so that it can be killed.</summary>
public sealed class Host : IDisposable
{
    private readonly Process process;
    private readonly StringBuilder announced = new();

    private Host(Process process) => this.process = process;

    public int Id => process.Id;

    public string Announced => announced.ToString();

    /// <param name="dataDirectory">Whose server.</param>
    /// <param name="environment">Variables that differ from ours.</param>
    /// <param name="folder">Where the host's assembly is, if not beside the tests.</param>
    /// <param name="wrapper">A program that starts it, with arguments.</param>
    public static Host Launch(
        string dataDirectory, IReadOnlyDictionary<string, string?>? environment = null, string? folder = null, params string[] wrapper)
    {
        var assembly = Path.Combine(folder ?? AppContext.BaseDirectory, "Platform.Embedded.Tests.Host.dll");
        var runtime = Environment.ProcessPath is { } path && Path.GetFileName(path) == "dotnet" ? path : "dotnet";
        string[] command = [.. wrapper, runtime, assembly, dataDirectory];
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = "/",
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>(StringComparer.Ordinal))
        {
            start.Environment[name] = value;
        }

        return new Host(Process.Start(start)!);
    }

    /// <summary>"ready &lt;process id&gt; &lt;port&gt; &lt;connection string&gt;" or "failed &lt;why&gt;".</summary>
    public async Task<string> OutcomeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            if (!line.StartsWith("announce ", StringComparison.Ordinal))
            {
                return line;
            }

            announced.AppendLine(line);
        }

        return "ended";
    }

    public async Task<(int ServerId, int Port, string ConnectionString)> ReadyAsync()
    {
        var outcome = await OutcomeAsync();
        Assert.StartsWith("ready ", outcome, StringComparison.Ordinal);
        var parts = outcome.Split(' ', 4);
        return (int.Parse(parts[1]), int.Parse(parts[2]), parts[3]);
    }

    /// <summary>SIGKILL: no chance to tidy up.</summary>
    public async Task KillAsync()
    {
        Posix.Signal(process.Id, Posix.Kill);
        await process.WaitForExitAsync().WaitAsync(TestData.Deadline);
    }

    public async Task<int> EndAsync()
    {
        process.StandardInput.Close();
        await process.WaitForExitAsync().WaitAsync(TestData.Deadline);
        return process.ExitCode;
    }

    public void Signal(int signal) => Posix.Signal(process.Id, signal);

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill();
        }

        process.Dispose();
    }
}
