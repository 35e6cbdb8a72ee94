namespace Platform.Processing.Workflows.Definition;

/// <summary>Which step needs which.</summary>
internal static class StepGraph
{
    /// <summary>The names along a cycle, the first again at the end; null where there is none. Names that are not there are passed over.</summary>
    public static IReadOnlyList<string>? FindCycle(IReadOnlyList<StepDefinition> steps)
    {
        var needs = ByName(steps);
        var done = new HashSet<string>(StringComparer.Ordinal);
        var path = new List<string>();

        // Two hundred steps deep at most.
        IReadOnlyList<string>? Visit(string name)
        {
            if (!needs.TryGetValue(name, out var step) || done.Contains(name))
            {
                return null;
            }

            if (path.IndexOf(name) is var at and >= 0)
            {
                return [.. path[at..], name];
            }

            path.Add(name);
            foreach (var need in step.Needs)
            {
                if (Visit(need) is { } cycle)
                {
                    return cycle;
                }
            }

            path.RemoveAt(path.Count - 1);
            done.Add(name);
            return null;
        }

        return steps.Select(s => Visit(s.Name)).FirstOrDefault(c => c is not null);
    }

    /// <summary>For each step, all that have ended before it starts. The steps have no cycle.</summary>
    public static IReadOnlyDictionary<string, IReadOnlySet<string>> Ancestors(IReadOnlyList<StepDefinition> steps)
    {
        var needs = ByName(steps);
        var found = new Dictionary<string, IReadOnlySet<string>>(StringComparer.Ordinal);

        IReadOnlySet<string> Of(string name)
        {
            if (!found.TryGetValue(name, out var ancestors))
            {
                var all = new HashSet<string>(StringComparer.Ordinal);
                foreach (var need in needs[name].Needs.Where(needs.ContainsKey))
                {
                    all.Add(need);
                    all.UnionWith(Of(need));
                }

                found[name] = ancestors = all;
            }

            return ancestors;
        }

        foreach (var step in steps)
        {
            Of(step.Name);
        }

        return found;
    }

    private static Dictionary<string, StepDefinition> ByName(IReadOnlyList<StepDefinition> steps) =>
        steps.DistinctBy(s => s.Name, StringComparer.Ordinal).ToDictionary(s => s.Name, StringComparer.Ordinal);
}
