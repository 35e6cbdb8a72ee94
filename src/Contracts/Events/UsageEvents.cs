namespace Platform.Contracts.Events;

/// <summary>
/// The API requests of one organization that one process of a service answered in about a second. A count, not a sample; a crash
/// loses the second that was not reported yet.
/// </summary>
public sealed record ApiUsage : IEvent
{
    public static string EventType => EventTypes.ApiUsage;
    public static Topic Topic => Topics.Analytics;

    public required IReadOnlyList<RequestCount> Requests { get; init; }
}

/// <summary>How often one key asked one route and was answered with one status.</summary>
/// <param name="ApiKey"><c>key_...</c></param>
/// <param name="Route">Method and route pattern.</param>
/// <param name="Status">HTTP status.</param>
/// <param name="Count">At least 1.</param>
public sealed record RequestCount(string ApiKey, string Route, int Status, long Count);
