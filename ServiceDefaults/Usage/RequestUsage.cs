using Platform.Contracts.Events;
using Platform.Contracts.Identifiers;
using Platform.Eventing.Outbox;

namespace Platform.ServiceDefaults.Usage;

/// <summary>
/// Counts authenticated requests by key, route and status in memory, to be reported as one event a tenant and second: a request costs an
/// increment and no row. A crash loses what was not reported yet.
/// </summary>
internal sealed class RequestUsage(TimeProvider clock)
{
    /// <summary>Different counts that are held; beyond that, routes are no longer told apart.</summary>
    private const int MaxCounts = 20_000;

    /// <summary>Counts in one event.</summary>
    private const int MaxOfEvent = 1000;

    private readonly Lock _lock = new();
    private Dictionary<(Guid Tenant, Guid Key, string Route, int Status), long> _counts = [];

    public void Add(Guid tenant, Guid key, string route, int status)
    {
        lock (_lock)
        {
            var count = (tenant, key, route, status);
            if (_counts.Count >= MaxCounts && !_counts.ContainsKey(count))
            {
                count = (tenant, key, "*", status);
            }

            _counts[count] = _counts.GetValueOrDefault(count) + 1;
        }
    }

    /// <summary>Takes what was counted since the last time, as events.</summary>
    public List<OutboxMessage> Take(string service)
    {
        Dictionary<(Guid Tenant, Guid Key, string Route, int Status), long> taken;
        lock (_lock)
        {
            if (_counts.Count == 0)
            {
                return [];
            }

            (taken, _counts) = (_counts, []);
        }

        var messages = new List<OutboxMessage>();
        foreach (var tenant in taken.GroupBy(c => c.Key.Tenant))
        {
            foreach (var chunk in tenant.Chunk(MaxOfEvent))
            {
                var requests = chunk.Select(c => new RequestCount(TypeId.Format(IdPrefix.ApiKey, c.Key.Key), c.Key.Route, c.Key.Status, c.Value));
                messages.Add(OutboxMessage.Create(
                    service, tenant.Key, TypeId.Format(IdPrefix.Organization, tenant.Key), new ApiUsage { Requests = [.. requests] }, clock));
            }
        }

        return messages;
    }
}
