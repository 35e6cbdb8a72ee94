namespace Platform.ServiceDefaults.Telemetry;

/// <summary>What is traced and measured: the framework's own sources, the database's, and ours.</summary>
internal static class TelemetrySources
{
    /// <summary>Every source and meter of ours starts with it.</summary>
    public const string Own = "Platform.";

    public static IReadOnlyList<string> Traces { get; } = ["Microsoft.AspNetCore", "System.Net.Http", DatabaseSource];

    public static IReadOnlyList<string> Meters { get; } =
        ["Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", DatabaseSource, "System.Runtime"];

    public const string DatabaseSource = "Npgsql";

    public static bool IsMeter(string name) => name.StartsWith(Own, StringComparison.Ordinal) || Meters.Contains(name);
}
