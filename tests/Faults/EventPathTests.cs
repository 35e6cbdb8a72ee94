using Xunit.Abstractions;

namespace Platform.Faults;

/// <summary>Campaigns on the event path run one after the other: each wants the machine.</summary>
[CollectionDefinition(Name)]
public sealed class EventPathCampaigns
{
    public const string Name = "event path";
}

/// <summary>Campaigns on Kafka wait for sessions to run out most of the time: they run beside those on PostgreSQL.</summary>
[CollectionDefinition(Name)]
public sealed class KafkaCampaigns
{
    public const string Name = "event path on Kafka";
}

[Collection(EventPathCampaigns.Name)]
public sealed class PostgresKillTests(ITestOutputHelper output) : KillCampaigns(output)
{
    private const int Rate = 1000;

    [Theory]
    [InlineData(StreamUnderTest.PostgreSql, 1)]
    [InlineData(StreamUnderTest.PostgreSqlApart, 4)]
    public Task Kills_of_the_relays_leader(string streamEngine, int part) => KillLeadersAsync(streamEngine, Kills / part, Rate);

    [Fact]
    public Task Kills_of_consumers() => KillConsumersAsync(StreamUnderTest.PostgreSql, TimeSpan.FromMinutes(10), Rate);

    [Fact]
    public Task Instances_join_and_leave() => JoinAndLeaveAsync(StreamUnderTest.PostgreSql, Rate);
}

[Collection(KafkaCampaigns.Name)]
public sealed class KafkaKillTests(ITestOutputHelper output) : KillCampaigns(output)
{
    /// <summary>What waits while a group waits for a dead member must fit in the mock's log.</summary>
    private const int Rate = 500;

    [Fact]
    public Task Kills_of_the_relays_leader() => KillLeadersAsync(StreamUnderTest.OnKafka, Kills, Rate);

    [Fact]
    public Task Kills_of_consumers() => KillConsumersAsync(StreamUnderTest.OnKafka, TimeSpan.FromSeconds(60), Rate);

    [Fact]
    public Task Instances_join_and_leave() => JoinAndLeaveAsync(StreamUnderTest.OnKafka, Rate);
}

[Collection(EventPathCampaigns.Name)]
public sealed class PostgresZombieTests(ITestOutputHelper output) : ZombieCampaigns(output)
{
    private const int Rate = 1500;

    [Theory]
    [InlineData(StreamUnderTest.PostgreSql, 10)]
    [InlineData(StreamUnderTest.PostgreSqlApart, 5)]
    public Task A_leader_that_stood_still_and_was_replaced_loses_and_doubles_nothing(string streamEngine, int rounds) => FreezeLeadersAsync(streamEngine, rounds, Rate);

    [Theory]
    [InlineData(StreamUnderTest.PostgreSql, 10)]
    [InlineData(StreamUnderTest.PostgreSqlApart, 5)]
    public Task A_consumer_that_stood_still_and_was_replaced_loses_and_doubles_nothing(string streamEngine, int rounds) => FreezeConsumersAsync(streamEngine, rounds, Rate);
}

[Collection(KafkaCampaigns.Name)]
public sealed class KafkaZombieTests(ITestOutputHelper output) : ZombieCampaigns(output)
{
    private const int Rate = 500;

    [Fact]
    public Task A_leader_that_stood_still_and_was_replaced_loses_and_doubles_nothing() => FreezeLeadersAsync(StreamUnderTest.OnKafka, 10, Rate);

    [Fact]
    public Task A_consumer_that_stood_still_and_was_replaced_loses_and_doubles_nothing() => FreezeConsumersAsync(StreamUnderTest.OnKafka, 4, Rate);
}
