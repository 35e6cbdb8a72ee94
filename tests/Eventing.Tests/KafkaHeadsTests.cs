using Platform.Contracts.Events;
using Platform.Eventing.Tests.Conformance;
using Platform.Testing;

namespace Platform.Eventing.Tests;

/// <summary>Heads are asked rarely, by a client that sits idle in between.</summary>
public sealed class KafkaHeadsTests
{
    [Fact]
    public async Task Heads_are_found_after_leaders_moved_meanwhile()
    {
        await using var under = await StreamUnderTest.StartAsync(StreamUnderTest.MockedKafka);
        var member = await under.OpenAsync();
        await member.AppendAsync(under.Record("a", 1), under.Record("b", 1));
        for (var turn = 0; turn < MockKafka.Brokers; turn++)
        {
            for (var partition = 0; partition < Topics.Core.Partitions; partition++)
            {
                under.Mock!.MoveLeader(Topics.Core.Name, partition, 1 + ((partition + turn) % MockKafka.Brokers));
            }

            Assert.Equal(2, (await member.Stream.ReadHeadsAsync(Topics.Core, CancellationToken.None)).Values.Sum());
        }
    }
}
