namespace Platform.ServiceDefaults.Authentication;

/// <summary>What a key can be allowed to do. Reading and writing are separate; <c>*</c> is everything its role may.</summary>
public static class Scopes
{
    public const string ResourcesRead = "resources.read";
    public const string ResourcesWrite = "resources.write";
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

    public static IReadOnlyList<string> All { get; } =
    [
        ResourcesRead, ResourcesWrite, JobsRead, JobsWrite, WebhooksRead, WebhooksWrite, EventsRead, AnalyticsRead, KeysRead, KeysWrite, AuditRead,
        OrganizationRead,
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

    /// <summary>Owners and admins may everything, developers everything but keys and audit, viewers only read and no keys.</summary>
    public static bool Allow(string role, string scope) => role switch
    {
        Owner or Admin => true,
        Developer => !scope.StartsWith("keys.", StringComparison.Ordinal) && !scope.StartsWith("audit.", StringComparison.Ordinal),
        Viewer => scope.EndsWith(".read", StringComparison.Ordinal)
            && !scope.StartsWith("keys.", StringComparison.Ordinal) && !scope.StartsWith("audit.", StringComparison.Ordinal),
        _ => false,
    };
}
