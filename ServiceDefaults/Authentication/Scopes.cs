namespace Platform.ServiceDefaults.Authentication;

/// <summary>What a key can be allowed to do. Reading and writing are separate; <c>*</c> is everything its role may.</summary>
public static class Scopes
{
    public const string ResourcesRead = "resources.read";
    public const string ResourcesWrite = "resources.write";
    public const string FilesRead = "files.read";
    public const string FilesWrite = "files.write";
    public const string JobsRead = "jobs.read";
    public const string JobsWrite = "jobs.write";
    public const string WebhooksRead = "webhooks.read";
    public const string WebhooksWrite = "webhooks.write";
    public const string EventsRead = "events.read";
    public const string AnalyticsRead = "analytics.read";
    public const string KeysRead = "keys.read";
    public const string KeysWrite = "keys.write";
    public const string AuditRead = "audit.read";
    public const string OrganizationRead = "organization.read";

    /// <summary>How the platform itself does: its streams, and dead letters that belong to no organization.</summary>
    public const string OperationsRead = "operations.read";
    public const string OperationsWrite = "operations.write";

    public static IReadOnlyList<string> All { get; } =
    [
        ResourcesRead, ResourcesWrite, FilesRead, FilesWrite, JobsRead, JobsWrite, WebhooksRead, WebhooksWrite, EventsRead, AnalyticsRead, KeysRead, KeysWrite, AuditRead,
        OrganizationRead, OperationsRead, OperationsWrite,
    ];
}

/// <summary>What a role may at most; a key's scopes narrow it further.</summary>
public static class Roles
{
    public const string Owner = "owner";
    public const string Admin = "admin";
    public const string Developer = "developer";
    public const string Viewer = "viewer";

    /// <summary>The strongest first.</summary>
    public static IReadOnlyList<string> All { get; } = [Owner, Admin, Developer, Viewer];

    /// <summary>Owners and admins may everything, developers everything but keys, audit and operations, viewers only read and none of these.</summary>
    public static bool Allow(string role, string scope) => role switch
    {
        Owner or Admin => true,
        Developer => !IsAdministration(scope),
        Viewer => scope.EndsWith(".read", StringComparison.Ordinal) && !IsAdministration(scope),
        _ => false,
    };

    private static bool IsAdministration(string scope) =>
        scope.StartsWith("keys.", StringComparison.Ordinal) || scope.StartsWith("audit.", StringComparison.Ordinal)
        || scope.StartsWith("operations.", StringComparison.Ordinal);
}
