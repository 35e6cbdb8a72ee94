using System.Diagnostics;

namespace Platform.Embedded.Server;

internal static class Processes
{
    /// <summary>A process that has ended but was not waited for (a container without an init) counts as dead.</summary>
    public static bool IsAlive(int id)
    {
        try
        {
            if (OperatingSystem.IsLinux())
            {
                var stat = File.ReadAllText($"/proc/{id}/stat");
                return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
            }

            using var process = Process.GetProcessById(id);
            return !process.HasExited;
        }
        catch (Exception e) when (e is IOException or ArgumentException or InvalidOperationException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    public static string[] CommandLine(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/cmdline").Split('\0');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    public static async Task<bool> WaitForEndAsync(int id, TimeSpan limit, CancellationToken ct)
    {
        var started = Stopwatch.GetTimestamp();
        while (IsAlive(id))
        {
            if (Stopwatch.GetElapsedTime(started) > limit)
            {
                return false;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), ct);
        }

        return true;
    }
}
