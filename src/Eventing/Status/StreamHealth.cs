namespace Platform.Eventing.Status;

/// <summary>What of the event path is behind, as it was last looked at. It delays; it does not make a request fail.</summary>
public sealed class StreamHealth(EventingOptions options)
{
    private IReadOnlyDictionary<string, string> _reasons = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>What is behind, by name; empty when nothing is.</summary>
    public IReadOnlyDictionary<string, string> Reasons => Volatile.Read(ref _reasons);

    internal void Judge(IReadOnlyList<ServiceStatus> services)
    {
        var reasons = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var service in services)
        {
            if (service.Unreadable is not null)
            {
                reasons["streams:" + service.Service] = service.Unreadable;
            }

            if (service.StreamUnreachable is not null)
            {
                reasons["stream"] = service.StreamUnreachable;
            }

            if (service.Outbox?.OldestAgeSeconds >= options.DegradedOutboxAge.TotalSeconds)
            {
                reasons["outbox:" + service.Service] = $"an event has waited {service.Outbox!.OldestAgeSeconds:F0} s to be published";
            }

            foreach (var group in service.Groups)
            {
                if (group.LagSeconds >= options.DegradedLag.TotalSeconds)
                {
                    reasons["consumer:" + group.Group] = $"an event has waited {group.LagSeconds:F0} s to be read";
                }

                if (group.ParkedKeys > 0)
                {
                    reasons["parked:" + group.Group] = $"{group.ParkedKeys} keys wait behind an event that fails";
                }
            }
        }

        Volatile.Write(ref _reasons, new Dictionary<string, string>(reasons, StringComparer.Ordinal));
    }
}
