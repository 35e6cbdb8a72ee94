using Platform.Eventing.Database;
using Platform.Eventing.WorkQueues;

namespace Platform.Notifications;

internal sealed class NotificationsDatabase(DataSources sources)
    : ServiceDatabase(Name, MigrationSet.FromAssembly(Name, typeof(NotificationsDatabase).Assembly, "Migrations"), sources, WorkQueue.Migrations)
{
    public const string Name = "notifications";
}
