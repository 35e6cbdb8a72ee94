using Platform.Eventing.Database;

namespace Platform.CoreApi;

internal sealed class CoreDatabase(DataSources sources)
    : ServiceDatabase("core", MigrationSet.FromAssembly("core", typeof(CoreDatabase).Assembly, "Migrations"), sources);
