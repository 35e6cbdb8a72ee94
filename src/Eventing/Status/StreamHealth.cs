using System.Collections.Concurrent;

namespace Platform.Eventing.Status;

/// <summary>What of the event path is behind, as it was last looked at. It delays; it does not make a request fail.</summary>
public sealed class StreamHealth(EventingOptions options)
{
    private readonly ConcurrentDictionary<string, string> _noted = new(StringComparer.Ordinal);
    private IReadOnlyDictionary<string, string> _reasons = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>What is behind, by name; empty when nothing is.</summary>
    public IReadOnlyDictionary<string, string> Reasons =>
        _noted.IsEmpty ? Volatile.Read(ref _reasons) : new Dictionary<string, string>(Volatile.Read(ref _reasons).Concat(_noted), StringComparer.Ordinal);

    /// <summary>What another look found out, under a name of its own; null when all is well.</summary>
    internal void Note(string name, string? reason)
    {
        if (reason is null)
        {
            _noted.TryRemove(name, out _);
        }
        else
        {
            _noted[name] = reason;
        }
    }

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
