using Platform.Contracts.Events;

namespace Platform.ServiceDefaults.Feed;

/// <summary>Which events a client wants. Everything that is given must fit.</summary>
/// <param name="Types">Patterns as of webhook endpoints (<see cref="EventTypePattern"/>), one of which must fit; empty for all.</param>
/// <param name="Subjects">One of them must be the event's; empty for all.</param>
/// <param name="Labels">All of them must be on the event's data, with equal values.</param>
public sealed record EventFilter(IReadOnlyList<string> Types, IReadOnlyList<string> Subjects, IReadOnlyDictionary<string, string> Labels)
{
    /// <summary>Everything.</summary>
    public static readonly EventFilter All = new([], [], new Dictionary<string, string>(StringComparer.Ordinal));

    /// <summary>True where nothing is held back.</summary>
    public bool IsAll => (Types.Count == 0 || Types.Contains(EventTypePattern.All)) && Subjects.Count == 0 && Labels.Count == 0;

    public bool Matches(FeedEvent candidate) =>
        (Types.Count == 0 || MatchesType(candidate.Type))
        && (Subjects.Count == 0 || Subjects.Contains(candidate.Subject))
        && (Labels.Count == 0 || Labels.All(wanted => candidate.Labels.TryGetValue(wanted.Key, out var value) && value == wanted.Value));

    private bool MatchesType(string type)
    {
        foreach (var pattern in Types)
        {
            if (EventTypePattern.Matches(pattern, type))
            {
                return true;
            }
        }

        return false;
    }
}
