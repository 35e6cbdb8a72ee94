using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Platform.ServiceDefaults.Telemetry.Logs;

/// <summary>For people: <c>10:15:00 warning Eventing.ConsumerWorker: what happened</c>, time in UTC.</summary>
internal sealed class TextLogFormatter(TimeProvider clock) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "platform-text";
    private const string Own = "Platform.";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var category = logEntry.Category.StartsWith(Own, StringComparison.Ordinal) ? logEntry.Category[Own.Length..] : logEntry.Category;
        var exception = logEntry.Exception is { } e ? $"\n{e}" : "";
        textWriter.Write(
            $"{clock.GetUtcNow():HH:mm:ss} {LogLevels.Name(logEntry.LogLevel)} {category}: {logEntry.Formatter(logEntry.State, logEntry.Exception)}{exception}\n");
    }
}

internal static class LogLevels
{
    public static string Name(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warning",
        LogLevel.Error => "error",
        _ => "critical",
    };
}
