using System.Text;

namespace Platform.Benchmarks.Paths;

/// <summary>Figures and the budgets they are held against, as a Markdown table.</summary>
internal sealed class ResultTable
{
    private readonly List<(string What, string Figure, string Budget)> _rows = [];

    public void Add(string what, string figure, string budget = "")
    {
        _rows.Add((what, figure, budget));
        Console.Error.WriteLine($"{what}: {figure}");
    }

    public override string ToString()
    {
        var text = new StringBuilder("| what | figure | budget |\n| --- | --- | --- |\n");
        foreach (var (what, figure, budget) in _rows)
        {
            text.Append("| ").Append(what).Append(" | ").Append(figure).Append(" | ").Append(budget).Append(" |\n");
        }

        return text.ToString();
    }
}
