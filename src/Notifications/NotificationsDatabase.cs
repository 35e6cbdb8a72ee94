using Platform.Eventing.Database;

namespace Platform.Notifications;

internal sealed class NotificationsDatabase(DataSources sources)
    : ServiceDatabase("notifications", MigrationSet.FromAssembly("notifications", typeof(NotificationsDatabase).Assembly, "Migrations"), sources);
