using Platform.Eventing.Database;

namespace Platform.Auth;

internal sealed class AuthDatabase(DataSources sources)
    : ServiceDatabase("auth", MigrationSet.FromAssembly("auth", typeof(AuthDatabase).Assembly, "Migrations"), sources);
