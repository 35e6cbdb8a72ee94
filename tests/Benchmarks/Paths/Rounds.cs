namespace Platform.Benchmarks.Paths;

/// <summary>Ours and its floor are measured in turns, so that what the machine does meanwhile hits both.</summary>
internal static class Rounds
{
    public const int Clients = 16;
    public const int Count = 3;
    public static readonly TimeSpan Length = TimeSpan.FromSeconds(8);

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
