using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Platform.Contracts.Events;
using Platform.Eventing;
using Platform.Eventing.Database;
using Platform.Eventing.Outbox;
using Platform.ServiceDefaults.Authentication;
using Platform.Testing;

namespace Platform.ServiceDefaults.Tests.Streams;

/// <summary>"Why is my stream stuck?", asked of a service on a real database.</summary>
public sealed class StreamsTests
{
    private const string Park = """
        INSERT INTO sample.parked_event (consumer_group, topic, partition, stream_offset, key, id, headers, payload, attempts, last_error)
        SELECT 'sample.identity', 'events.audit', 1, n, 'key_x', gen_random_uuid(), '{}', '', 5 - n, 'System.Exception: why ' || n FROM generate_series(3, 5) n
        """;

    [Fact]
    public async Task ParkedKeysAndDeadEventsAreSeenAndHealthSaysDegradedNotDead()
    {
        await using var service = await SampleService.StartAsync(_ => { }, settings: [("Eventing:StatusInterval", "00:00:00.100"), ("Eventing:ParkedPoll", "01:00:00")]);
        using var client = service.Client();
        await Eventually.IsTrueAsync(async () => await HealthAsync(client) == """{"status":"ready"}""", "ready");
        await service.Database.ExecuteAsync(Park + "; UPDATE sample.parked_event SET next_attempt_at = now() + interval '1 hour'");
        await service.Database.ExecuteAsync("""
            INSERT INTO sample.dead_event (id, consumer_group, topic, partition, stream_offset, key, headers, payload, attempts, error)
            VALUES (gen_random_uuid(), 'sample.identity', 'events.audit', 1, 1, 'k', '{}', '', 3, 'no')
            """);
        var group = Group(await StreamsAsync(client), "sample.identity");
        var parked = Assert.Single(group.GetProperty("parked").EnumerateArray());
        Assert.Equal(("key_x", 3, 2), (parked.GetProperty("key").GetString(), parked.GetProperty("events").GetInt32(), parked.GetProperty("attempts").GetInt32()));
        Assert.Equal("System.Exception: why 3", parked.GetProperty("last_error").GetString());
        Assert.Equal((1, 1), (group.GetProperty("parked_keys").GetInt32(), group.GetProperty("dead").GetInt32()));

        await Eventually.IsTrueAsync(async () => (await HealthAsync(client)).Contains("parked:sample.identity", StringComparison.Ordinal), "degraded by what is parked");
        var health = await client.GetAsync("/health/ready");
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        Assert.Contains("degraded", await health.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await Eventually.IsTrueAsync(async () => await client.GetStringAsync("/metrics") is var metrics
            && metrics.Contains("platform_parked_keys{group=\"sample.identity\",service=\"sample\"} 1", StringComparison.Ordinal)
            && metrics.Contains("platform_dead_events{group=\"sample.identity\",service=\"sample\"} 1", StringComparison.Ordinal), "the metrics say so");
        await service.Database.ExecuteAsync("DELETE FROM sample.parked_event");
        await Eventually.IsTrueAsync(async () => await HealthAsync(client) == """{"status":"ready"}""", "ready again");
    }

    [Fact]
    public async Task LagIsCountedInEventsAndInSeconds()
    {
        await using var service = await SampleService.StartAsync(_ => { });
        using var client = service.Client();
        await PublishAsync(service, 3);
        await Eventually.IsTrueAsync(async () => await service.Database.ScalarAsync<long>("SELECT count(*) FROM stream.events_core") == 3, "published");
        await service.Database.ExecuteAsync("""
            UPDATE stream.events_core SET appended_at = appended_at - interval '90 s' WHERE stream_offset = 1;
            INSERT INTO sample.consumer_offset (consumer_group, topic, partition, next_offset, owner, epoch)
            SELECT 'sample.slow', 'events.core', partition, 1, 'me', 7 FROM stream.events_core LIMIT 1
            """);
        var streams = await StreamsAsync(client);
        var group = Group(streams, "sample.slow");
        Assert.Equal(2, group.GetProperty("lag").GetInt64());
        Assert.InRange(group.GetProperty("lag_seconds").GetDouble(), 90, 120);
        var partition = group.GetProperty("partitions").EnumerateArray().Single(p => p.GetProperty("lag").GetInt64() > 0);
        Assert.Equal((1, 3, "me", 7), (partition.GetProperty("next_offset").GetInt32(), partition.GetProperty("head").GetInt32(),
            partition.GetProperty("owner").GetString(), partition.GetProperty("epoch").GetInt32()));
        var sample = streams.GetProperty("services")[0];
        Assert.Equal(("sample", "postgresql", 0), (sample.GetProperty("service").GetString(), sample.GetProperty("engine").GetString(), sample.GetProperty("outbox").GetProperty("events").GetInt32()));
        Assert.NotEqual("", sample.GetProperty("relay").GetProperty("leader").GetString());
        Assert.Single((await StreamsAsync(client, "?group=sample.slow")).GetProperty("services")[0].GetProperty("groups").EnumerateArray());
        Assert.Empty((await StreamsAsync(client, "?service=other")).GetProperty("services").EnumerateArray());
    }

    [Fact]
    public async Task OnKafkaTheSameIsSaidAndBrokersThatAreAwayAreAnAnswer()
    {
        using var kafka = new MockKafka();
        await using var service = await SampleService.StartAsync(
            _ => { }, settings: [("ConnectionStrings:kafka", kafka.ConnectionString), ("Eventing:StatusInterval", "00:00:00.500")]);
        using var client = service.Client();
        await Eventually.IsTrueAsync(async () => (await client.GetAsync("/health/ready")).StatusCode == HttpStatusCode.OK, "ready", TimeSpan.FromSeconds(60));
        await PublishAsync(service, 3);
        await Eventually.IsTrueAsync(async () => await service.Database.ScalarAsync<long>("SELECT count(*) FROM sample.outbox") == 0, "published");
        await service.Database.ExecuteAsync($"""
            INSERT INTO sample.consumer_offset (consumer_group, engine, topic, partition, next_offset, owner, epoch)
            VALUES ('sample.slow', 'kafka', 'events.core', {Partitioner.For("res_1", Topics.Core.Partitions)}, 1, 'me', 7)
            """);
        var streams = await StreamsAsync(client);
        var group = Group(streams, "sample.slow");
        Assert.True(group.GetProperty("lag").ValueKind == JsonValueKind.Number && group.GetProperty("lag_seconds").ValueKind == JsonValueKind.Number, streams.GetRawText());
        Assert.Equal(2, group.GetProperty("lag").GetInt64());
        Assert.InRange(group.GetProperty("lag_seconds").GetDouble(), 0, 60);
        await Eventually.IsTrueAsync(async () => await client.GetStringAsync("/metrics") is var metrics
            && metrics.Contains("platform_kafka_rtt_seconds{broker=", StringComparison.Ordinal)
            && metrics.Contains("platform_kafka_queue{", StringComparison.Ordinal)
            && metrics.Contains("platform_kafka_lag{group=\"sample.identity\"", StringComparison.Ordinal), "what the client says of itself", TimeSpan.FromSeconds(30));

        for (var broker = 1; broker <= MockKafka.Brokers; broker++)
        {
            kafka.SetDown(broker);
        }

        await Eventually.IsTrueAsync(
            async () => (await StreamsAsync(client)).GetProperty("services")[0].TryGetProperty("stream_unreachable", out var why) && why.ValueKind == JsonValueKind.String,
            "the stream is said to be away", TimeSpan.FromSeconds(60));
        await PublishAsync(service, 5);
        Assert.Equal(5, (await StreamsAsync(client)).GetProperty("services")[0].GetProperty("outbox").GetProperty("events").GetInt32());
        await Eventually.IsTrueAsync(async () => (await HealthAsync(client)).Contains("degraded", StringComparison.Ordinal), "degraded, not dead", TimeSpan.FromSeconds(60));

        for (var broker = 1; broker <= MockKafka.Brokers; broker++)
        {
            kafka.SetUp(broker);
        }

        await Eventually.IsTrueAsync(async () => await service.Database.ScalarAsync<long>("SELECT count(*) FROM sample.outbox") == 0, "drained", TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task WhoHoldsTheRelayUpIsNamedWithoutWhatItSays()
    {
        await using var service = await SampleService.StartAsync(_ => { });
        using var client = service.Client();
        await using var holder = new NpgsqlConnection(service.Database.ConnectionString + ";Pooling=false;Application Name=somebody;Options=-c platform.scope=system");
        await holder.OpenAsync();
        await using var transaction = await holder.BeginTransactionAsync();
        await using var hold = new NpgsqlCommand("SELECT epoch, 'secret''s', 4711 FROM sample.relay_leader FOR UPDATE -- a comment", holder);
        await hold.ExecuteNonQueryAsync();
        JsonElement session = default;
        await Eventually.IsTrueAsync(async () =>
        {
            session = Blocking(await StreamsAsync(client)).FirstOrDefault(s => s.GetProperty("application").GetString() == "somebody");
            return session.ValueKind != JsonValueKind.Undefined;
        }, "the relay is held up");
        Assert.Equal("blocks", session.GetProperty("why").GetString());
        Assert.Equal(["relay"], session.GetProperty("blocks").EnumerateArray().Select(b => b.GetString()));
        Assert.Equal("idle in transaction", session.GetProperty("state").GetString());
        Assert.Equal("SELECT epoch, ?, ? FROM sample.relay_leader FOR UPDATE", session.GetProperty("query").GetString());
        Assert.Equal(holder.ProcessID, session.GetProperty("pid").GetInt32());
        await transaction.RollbackAsync();
        await Eventually.IsTrueAsync(async () => !Blocking(await StreamsAsync(client)).Any(s => s.GetProperty("application").GetString() == "somebody"), "free again");
    }

    [Fact]
    public async Task ATransactionThatIsOpenForLongIsNamedAndALockedTableHoldsNoAnswerUp()
    {
        await using var service = await SampleService.StartAsync(_ => { }, settings: [("Eventing:LongTransaction", "00:00:00.200")]);
        using var client = service.Client();
        await using var holder = new NpgsqlConnection(service.Database.ConnectionString + ";Pooling=false;Application Name=somebody;Options=-c platform.scope=system");
        await holder.OpenAsync();
        await using var transaction = await holder.BeginTransactionAsync();
        await using (var idle = new NpgsqlCommand("SELECT count(*) FROM sample.known_key", holder))
        {
            await idle.ExecuteNonQueryAsync();
        }

        await Eventually.IsTrueAsync(
            async () => Blocking(await StreamsAsync(client)).Any(s => s.GetProperty("application").GetString() == "somebody" && s.GetProperty("why").GetString() == "long_transaction"),
            "the open transaction");
        await using var all = new NpgsqlCommand("LOCK TABLE sample.outbox IN ACCESS EXCLUSIVE MODE", holder);
        await all.ExecuteNonQueryAsync();
        var started = Stopwatch.GetTimestamp();
        var streams = await StreamsAsync(client);
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(10));
        Assert.Equal("another session has locked its tables", streams.GetProperty("services")[0].GetProperty("unreadable").GetString());
        Assert.Contains(Blocking(streams), s => s.GetProperty("application").GetString() == "somebody" && s.GetProperty("why").GetString() == "blocks");
    }

    [Fact]
    public async Task PeersAreAskedAndOneThatIsDownIsNamed()
    {
        await using var other = await TestService.StartAsync("other", services => services.AddEventing<OtherDatabase>(), _ => { });
        await using var service = await SampleService.StartAsync(_ => { }, settings:
            [("Peers:other", other.BaseAddress.ToString()), ("Peers:down", "http://127.0.0.1:1"), ("Peers:loop", "nonsense")]);
        using var client = service.Client();
        var streams = await StreamsAsync(client);
        Assert.Equal(["other", "sample"], streams.GetProperty("services").EnumerateArray().Select(s => s.GetProperty("service").GetString()));
        Assert.Equal(["down", "loop"], streams.GetProperty("unreachable").EnumerateArray().Select(s => s.GetProperty("peer").GetString()).Order());
        var local = await StreamsAsync(client, "?local=true");
        Assert.Equal(["sample"], local.GetProperty("services").EnumerateArray().Select(s => s.GetProperty("service").GetString()));
        Assert.Empty(local.GetProperty("unreachable").EnumerateArray());
    }

    [Theory]
    [InlineData(Roles.Owner, 200)]
    [InlineData(Roles.Admin, 200)]
    [InlineData(Roles.Developer, 403)]
    [InlineData(Roles.Viewer, 403)]
    public async Task OnlyOwnersAndAdminsMayAsk(string role, int status)
    {
        await using var service = await SampleService.StartAsync(_ => { });
        using var client = service.Client(role: role);
        Assert.Equal(status, (int)(await client.GetAsync("/v1/streams")).StatusCode);
    }

    /// <summary>Whatever it says; what just starts says 503.</summary>
    private static async Task<string> HealthAsync(HttpClient client)
    {
        using var answer = await client.GetAsync("/health/ready");
        return await answer.Content.ReadAsStringAsync();
    }

    private static async Task PublishAsync(TestService service, int count)
    {
        var database = service.Services.GetRequiredService<SampleDatabase>();
        await using var connection = await database.System.OpenConnectionAsync();
        await using var batch = new NpgsqlBatch(connection);
        OutboxWriter.AppendMany(batch, "sample", [.. Enumerable.Range(0, count).Select(n => OutboxMessage.Create("sample", Guid.Empty, "res_1", new ResourceDeleted
        {
            Id = "res_1", Type = "sample", Version = n, CreatedAt = default, UpdatedAt = default,
        }, TimeProvider.System))]);
        await batch.ExecuteNonQueryAsync();
    }

    private static async Task<JsonElement> StreamsAsync(HttpClient client, string query = "")
    {
        var response = await client.GetAsync("/v1/streams" + query);
        Assert.True(response.StatusCode == HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private static JsonElement Group(JsonElement streams, string name) =>
        streams.GetProperty("services")[0].GetProperty("groups").EnumerateArray().Single(g => g.GetProperty("group").GetString() == name);

    private static JsonElement[] Blocking(JsonElement streams) => [.. streams.GetProperty("services")[0].GetProperty("blocking").EnumerateArray()];

    private sealed class OtherDatabase(DataSources sources) : ServiceDatabase("other", new MigrationSet("other", []), sources);
}
