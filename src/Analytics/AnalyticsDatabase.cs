using Platform.Eventing.Database;

namespace Platform.Analytics;

/// <summary>The schema <c>analytics</c>: usage counts and search documents, all of it derived from events.</summary>
internal sealed class AnalyticsDatabase(DataSources sources)
    : ServiceDatabase("analytics", MigrationSet.FromAssembly("analytics", typeof(AnalyticsDatabase).Assembly, "Migrations"), sources);
