using System.Diagnostics;

namespace Platform.Embedded;

internal sealed record CommandResult(int ExitCode, string Output, string Error);

/// <summary>Runs a program to its end.</summary>
internal static class Command
{
    public static async Task<CommandResult> RunAsync(
        IReadOnlyList<string> command, CancellationToken ct, string? workingDirectory = null)
    {
        using var process = Start(command, workingDirectory, redirect: true);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(ct);
        var error = process.StandardError.ReadToEndAsync(ct);
        try
        {
            await process.WaitForExitAsync(ct);
            return new CommandResult(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    /// <summary>Starts a program that may outlive this process; it has to redirect its own output.</summary>
    public static Process StartDetached(IReadOnlyList<string> command) => Start(command, workingDirectory: null, redirect: false);

    private static Process Start(IReadOnlyList<string> command, string? workingDirectory, bool redirect)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            UseShellExecute = false,
            RedirectStandardInput = redirect,
            RedirectStandardOutput = redirect,
            RedirectStandardError = redirect,
            // Our own working folder may be closed to the server's account.
            WorkingDirectory = workingDirectory ?? Path.GetPathRoot(Environment.SystemDirectory) ?? "/",
        };

        // The operator's settings for psql and friends (PGDATA, PGPORT, PGOPTIONS, ...) are not meant for this server.
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("PG", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        return Process.Start(start)!;
    }
}
