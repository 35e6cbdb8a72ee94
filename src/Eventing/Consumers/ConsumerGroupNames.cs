using System.Collections.Concurrent;

namespace Platform.Eventing.Consumers;

/// <summary>
/// The groups of this process. Two readers under one name would share its partitions and offsets: each event would reach one of the two, and
/// nobody would notice.
/// </summary>
internal sealed class ConsumerGroupNames
{
    private readonly ConcurrentDictionary<string, ConsumerGroup> _groups = new(StringComparer.Ordinal);

    /// <exception cref="DuplicateConsumerGroupException">The name is taken.</exception>
    public void Claim(ConsumerGroup group)
    {
        var owner = _groups.GetOrAdd(group.Name, group);
        if (!ReferenceEquals(owner, group))
        {
            throw new DuplicateConsumerGroupException(group.Name, owner.Database.Schema, group.Database.Schema);
        }
    }
}

/// <summary>A consumer group is registered twice; thrown when the host starts.</summary>
public sealed class DuplicateConsumerGroupException(string group, string first, string second)
    : Exception($"The consumer group '{group}' is registered twice (by '{first}' and by '{second}'): each event would reach only one of the two. Give each its own name.");
