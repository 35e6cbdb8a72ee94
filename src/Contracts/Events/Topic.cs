namespace Platform.Contracts.Events;

/// <summary>A stream of events.</summary>
/// <param name="Name">Its name, the same on every stream engine.</param>
/// <param name="Partitions">How many partitions; never changed once released, because the key's place depends on it.</param>
/// <param name="Retention">How long a message can be read again.</param>
public sealed record Topic(string Name, int Partitions, TimeSpan Retention)
{
    private const string DeadLettersSuffix = ".dlq";

    /// <summary>
    /// Carries the events of this topic that a consumer group gave up, in the same partitions, for 30 days; null for such a topic itself.
    /// </summary>
    public Topic? DeadLetters { get; } = IsOfDeadLetters(Name) ? null : new(Name + DeadLettersSuffix, Partitions, TimeSpan.FromDays(30));

    /// <summary>True for a topic of dead letters: what it carries has happened long ago and is not news.</summary>
    public bool HoldsDeadLetters => IsOfDeadLetters(Name);

    private static bool IsOfDeadLetters(string name) => name.EndsWith(DeadLettersSuffix, StringComparison.Ordinal);
}

/// <summary>Every topic of the platform.</summary>
public static class Topics
{
    /// <summary>What happened to resources, files, jobs and alerts.</summary>
    public static readonly Topic Core = new("events.core", 12, TimeSpan.FromDays(7));

    /// <summary>Samples of API requests and usage.</summary>
    public static readonly Topic Analytics = new("events.analytics", 6, TimeSpan.FromDays(30));

    /// <summary>Authentication and administration; also carries the state of API keys to every service.</summary>
    public static readonly Topic Audit = new("events.audit", 3, TimeSpan.FromDays(90));

    /// <summary>Outcomes of webhook deliveries.</summary>
    public static readonly Topic WebhookDelivery = new("webhooks.delivery", 8, TimeSpan.FromDays(1));

    public static readonly Topic JobsCritical = new("jobs.critical", 12, TimeSpan.FromDays(1));
    public static readonly Topic JobsDefault = new("jobs.default", 12, TimeSpan.FromDays(1));
    public static readonly Topic JobsBulk = new("jobs.bulk", 12, TimeSpan.FromDays(1));
    public static readonly Topic JobsNotifications = new("jobs.notifications", 12, TimeSpan.FromDays(1));

    /// <summary>Submissions of jobs by other systems, a topic for each queue.</summary>
    public static IReadOnlyList<Topic> Jobs { get; } = [JobsCritical, JobsDefault, JobsBulk, JobsNotifications];

    /// <summary>What the services tell each other about running the platform itself.</summary>
    public static readonly Topic Control = new("platform.control", 3, TimeSpan.FromDays(7));

    /// <summary>The topics of events that happen.</summary>
    public static IReadOnlyList<Topic> Live { get; } =
        [Core, Analytics, Audit, WebhookDelivery, JobsCritical, JobsDefault, JobsBulk, JobsNotifications, Control];

    /// <summary>The topics of events that a consumer group gave up, one beside each topic.</summary>
    public static IReadOnlyList<Topic> DeadLetters { get; } = [.. Live.Select(t => t.DeadLetters!)];

    public static IReadOnlyList<Topic> All { get; } = [.. Live, .. DeadLetters];
}
