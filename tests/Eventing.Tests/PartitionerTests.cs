using System.Text;
using Platform.Eventing.Outbox;

namespace Platform.Eventing.Tests;

/// <summary>The same place as Kafka's own partitioner gives a key.</summary>
public sealed class PartitionerTests
{
    /// <summary>From the table in Apache Kafka's own unit test of murmur2 (UtilsTest).</summary>
    [Theory]
    [InlineData("21", -973932308)]
    [InlineData("foobar", -790332482)]
    [InlineData("a-little-bit-long-string", -985981536)]
    [InlineData("a-little-bit-longer-string", -1486304829)]
    [InlineData("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971)]
    [InlineData("abc", 479470107)]
    public void Murmur2_is_Kafkas(string key, int expected) => Assert.Equal(expected, (int)Partitioner.Murmur2(Encoding.UTF8.GetBytes(key)));

    [Fact]
    public void Partitions_are_in_range_and_used_evenly()
    {
        var counts = new int[12];
        for (var i = 0; i < 12_000; i++)
        {
            counts[Partitioner.For($"res_{i}", 12)]++;
        }

        Assert.All(counts, c => Assert.InRange(c, 800, 1200));
    }
}
