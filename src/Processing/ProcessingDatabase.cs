using Platform.Eventing.Database;
using Platform.Eventing.WorkQueues;

namespace Platform.Processing;

internal sealed class ProcessingDatabase(DataSources sources)
    : ServiceDatabase(Name, MigrationSet.FromAssembly(Name, typeof(ProcessingDatabase).Assembly, "Migrations"), sources, WorkQueue.Migrations)
{
    /// <summary>Schema, and the source of this service's events.</summary>
    public const string Name = "processing";
}
