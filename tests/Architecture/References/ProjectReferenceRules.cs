namespace Platform.Architecture.References;

/// <summary>Who may draw on whom. A project that is not named here is a new decision, so it fails until someone takes it.</summary>
internal static class ProjectReferenceRules
{
    private static readonly string[] Services = ["Auth", "CoreApi", "Processing", "Notifications", "Analytics"];

    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Contracts"] = [],
        ["Embedded"] = [],
        ["Eventing"] = ["Contracts"],
        ["ServiceDefaults"] = ["Contracts", "Eventing"],
        ["Standalone"] = [.. Services, "Contracts", "Eventing", "ServiceDefaults", "Embedded"],
        ["AppHost"] = ["Standalone"],

        // For whoever calls the platform: it stands alone.
        ["Client"] = [],
    };

    static ProjectReferenceRules()
    {
        foreach (var service in Services)
        {
            Allowed[service] = ["Contracts", "Eventing", "ServiceDefaults"];
        }
    }

    /// <summary>One line for each thing the project may not draw on; empty when all is well.</summary>
    public static IReadOnlyList<string> Violations(string project, IEnumerable<string> references) =>
        Allowed.TryGetValue(project, out var allowed)
            ? [.. references.Except(allowed, StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(reference => $"{project} may not reference {reference}.")]
            : [$"{project} has no rule: say what it may reference."];
}
