using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Platform.Contracts.Events;
using Platform.Contracts.Identifiers;
using Platform.Eventing.Consumers;
using Platform.Eventing.DeadLetters;
using Platform.Eventing.Outbox;
using Platform.Eventing.Streams;
using Platform.Testing;

namespace Platform.Eventing.Tests;

/// <summary>What becomes of an event that is given up, and of those that wait behind it.</summary>
public sealed class DeadLetterTests
{
    [Fact]
    public async Task Poison_is_dead_at_once_and_its_key_goes_on()
    {
        await using var instance = await SampleInstance.StartAsync();
        var runs = 0;
        instance.Behaviour.Before = e => Number(e) == 2 ? throw new PoisonEventException($"run {Interlocked.Increment(ref runs)}") : Task.CompletedTask;
        for (var n = 1; n <= 3; n++)
        {
            await instance.PublishAsync("a", n);
        }

        await Eventually.IsTrueAsync(async () => (await instance.EffectsAsync("a")).Length == 2, "all but the poison");
        Assert.Equal(new[] { 1, 3 }, await instance.EffectsAsync("a"));
        Assert.Equal(1L, await instance.CountAsync("sample.dead_event"));
        Assert.Equal(0L, await instance.CountAsync("sample.parked_event"));

        // Once in a batch with others at the most, and once by itself.
        Assert.InRange(runs, 1, 2);
    }

    [Fact]
    public async Task It_travels_to_its_topics_dead_letters_as_it_was_with_the_story_of_its_death()
    {
        await using var instance = await SampleInstance.StartAsync();
        instance.Behaviour.Before = _ => throw new InvalidOperationException("never 😀");
        var id = await instance.PublishAsync("a", 1);
        await Eventually.IsTrueAsync(async () => await instance.CountAsync("stream.events_core_dlq") == 1, "the letter");
        Assert.True(await instance.Database.ScalarAsync<bool>("""
            SELECT d.key = e.key AND d.payload = e.payload AND d.partition = e.partition AND d.id = e.id
                AND d.headers::jsonb @> e.headers::jsonb FROM stream.events_core e, stream.events_core_dlq d
            """));
        var headers = await HeadersAsync(instance);
        Assert.Equal("events.core", headers[DeadLetterHeaders.Topic]);
        Assert.Equal("0", headers[DeadLetterHeaders.Offset]);
        Assert.Equal("sample.effects", headers[DeadLetterHeaders.Group]);
        Assert.Equal("7", headers[DeadLetterHeaders.Attempts]);
        Assert.Equal("1", headers[DeadLetterHeaders.Deaths]);
        Assert.Equal("System.InvalidOperationException", headers[DeadLetterHeaders.ExceptionType]);
        Assert.Equal("never 😀", headers[DeadLetterHeaders.ExceptionMessage]);
        Assert.Equal(TypeId.Format(IdPrefix.Event, id), headers["ce_id"]);
        Assert.Equal(
            headers[DeadLetterHeaders.Id],
            TypeId.Format(IdPrefix.DeadLetter, await instance.Database.ScalarAsync<Guid>("SELECT letter_id FROM sample.dead_event")));
        Assert.StartsWith("System.InvalidOperationException: never", await instance.Database.ScalarAsync<string>("SELECT error FROM sample.dead_event"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broken_envelope_gets_there_too_and_can_be_read_there()
    {
        await using var instance = await SampleInstance.StartAsync();
        await instance.Database.ExecuteAsync("""
            INSERT INTO sample.outbox (topic, partition, key, id, headers, payload) VALUES
                ('events.core', 3, 'x', gen_random_uuid(), '{"ce_time":7,"mine":"kept"}', 'garbage'),
                ('events.core', 3, 'x', gen_random_uuid(), '[1]', '\x00ff')
            """);
        await Eventually.IsTrueAsync(async () => await instance.CountAsync("stream.events_core_dlq") == 2, "the letters");
        var headers = await HeadersAsync(instance);
        Assert.Equal("kept", headers["mine"]);
        Assert.Equal(DeadLetterHeaders.UnreadableType, headers["ce_type"]);
        Assert.Equal("1", headers[DeadLetterHeaders.Attempts]);
        var record = new StreamRecord("events.core.dlq", 3, 0, "x", Guid.Empty, JsonSerializer.Serialize(headers), []);
        Assert.Equal(Guid.Empty, ReceivedEvent.Parse(record).TenantId);
    }

    [Fact]
    public async Task A_group_that_fails_on_dead_letters_keeps_them_to_itself()
    {
        var behaviour = new SampleBehaviour { Before = _ => throw new PoisonEventException("no") };
        await using var instance = await SampleInstance.StartAsync(behaviour: behaviour, more: events =>
            events.AddConsumer<SampleHandler>("sample.letters", [Topics.Core.DeadLetters!]));
        await instance.PublishAsync("a", 1);
        await Eventually.IsTrueAsync(
            async () => await instance.CountAsync("sample.dead_event WHERE consumer_group = 'sample.letters' AND topic = 'events.core.dlq'") == 1, "the letter's death");
        Assert.Null(Topics.Core.DeadLetters!.DeadLetters);
        Assert.Equal(1L, await instance.CountAsync("stream.events_core_dlq"));
        Assert.Equal(0L, await instance.CountAsync("sample.outbox"));
    }

    [Fact]
    public async Task A_long_queue_behind_a_poison_drains_in_order_once_it_is_healed()
    {
        await using var instance = await SampleInstance.StartAsync();
        var broken = true;
        instance.Behaviour.Before = e => e.Subject == "bad" && Number(e) == 1 && Volatile.Read(ref broken) ? throw new InvalidOperationException("no") : Task.CompletedTask;
        await instance.PublishAsync("bad", 1);
        await Eventually.IsTrueAsync(async () => await instance.CountAsync("sample.parked_event") == 1, "the key is parked");

        // More time than its last attempt would leave: what is measured is the draining.
        await instance.Database.ExecuteAsync("UPDATE sample.parked_event SET next_attempt_at = now() + interval '1 hour'");
        for (var n = 2; n <= 1000; n++)
        {
            await instance.PublishAsync("bad", n);
        }

        await Eventually.IsTrueAsync(async () => await instance.CountAsync("sample.parked_event") == 1000, "all wait");
        Volatile.Write(ref broken, false);
        await instance.Database.ExecuteAsync("UPDATE sample.parked_event SET next_attempt_at = now()");
        await Eventually.IsTrueAsync(async () => await instance.CountAsync("sample.parked_event") == 0, "drained", TimeSpan.FromSeconds(15));
        Assert.Equal(Enumerable.Range(1, 1000), await instance.EffectsAsync("bad"));
    }

    [Theory]
    [InlineData(8)]
    [InlineData(1)]
    public async Task Who_does_not_own_the_partition_any_more_neither_postpones_nor_buries(int parkedAttempts)
    {
        await using var instance = await SampleInstance.StartAsync(consume: false);
        var handler = new SampleHandler(new SampleBehaviour { Before = _ => throw new InvalidOperationException("no") });
        var group = new ConsumerGroup("sample.effects", instance.Service, [Topics.Core]) { ParkedAttempts = parkedAttempts };
        var message = SampleInstance.Message("a", 1);
        await instance.Database.ExecuteAsync($"""
            INSERT INTO sample.parked_event (consumer_group, topic, partition, stream_offset, key, id, headers, payload)
            VALUES ('sample.effects', 'events.core', 0, 0, 'a', '{message.Id}', '{message.Headers}', '{System.Text.Encoding.UTF8.GetString(message.Payload.Span)}')
            """);
        var offsets = new OffsetStore(group, "postgresql", "first");
        var mine = await offsets.ClaimAsync([new("events.core", 0)], CancellationToken.None);
        await new OffsetStore(group, "postgresql", "second").ClaimAsync([new("events.core", 0)], CancellationToken.None);
        var options = new EventingOptions();
        var retries = new ParkedRetries(
            group, new(group, "postgresql"), new(group, "postgresql", TimeProvider.System), new(group, handler, offsets, new(group, "postgresql", TimeProvider.System), TimeProvider.System), options, TimeProvider.System, NullLogger.Instance);
        await Assert.ThrowsAsync<PartitionsLostException>(() => retries.RunAsync(mine.ToDictionary(m => m.Partition), CancellationToken.None));
        Assert.Equal(0, await instance.Database.ScalarAsync<int>("SELECT attempts FROM sample.parked_event"));
        Assert.Equal(0L, await instance.CountAsync("sample.dead_event"));
        Assert.Equal(0L, await instance.CountAsync("stream.events_core_dlq"));
    }

    [Fact]
    public async Task Redriven_events_of_a_key_run_in_order_and_before_what_is_parked_behind_them()
    {
        await using var instance = await SampleInstance.StartAsync();
        var broken = true;
        instance.Behaviour.Before = e => Volatile.Read(ref broken)
            ? throw (Number(e) < 4 ? new PoisonEventException("dead") : new InvalidOperationException("parked"))
            : Task.CompletedTask;
        for (var n = 1; n <= 5; n++)
        {
            await instance.PublishAsync("a", n);
        }

        await Eventually.IsTrueAsync(
            async () => await instance.CountAsync("sample.dead_event") >= 3 && await instance.CountAsync("sample.parked_event") >= 1, "dead and parked");
        await instance.Database.ExecuteAsync("UPDATE sample.parked_event SET next_attempt_at = now() + interval '1 hour'");
        Volatile.Write(ref broken, false);
        await RedriveAsync(instance, "key = 'a'");
        await Eventually.IsTrueAsync(async () => (await instance.EffectsAsync("a")).Length >= 3, "redriven");
        await instance.Database.ExecuteAsync("UPDATE sample.parked_event SET next_attempt_at = now()");
        await Eventually.IsTrueAsync(async () => await instance.CountAsync("sample.parked_event") == 0, "nothing parked");
        Assert.Equal(new[] { 1, 2, 3, 4, 5 }, await instance.EffectsAsync("a"));
        await Eventually.IsTrueAsync(
            async () => await instance.CountAsync("stream.platform_control WHERE headers->>'ce_type' = 'dead_letter.redriven'") == 3, "it is said that they are through");
    }

    [Fact]
    public async Task One_that_fails_again_is_dead_again_under_its_id_and_a_second_request_does_no_harm()
    {
        await using var instance = await SampleInstance.StartAsync();
        instance.Behaviour.Before = _ => throw new PoisonEventException("no");
        await instance.PublishAsync("a", 1);
        await Eventually.IsTrueAsync(async () => await instance.CountAsync("sample.dead_event") == 1, "dead");
        var letter = await instance.Database.ScalarAsync<Guid>("SELECT letter_id FROM sample.dead_event");
        await RedriveAsync(instance, "true");
        await Eventually.IsTrueAsync(async () => await instance.CountAsync("sample.dead_event WHERE deaths = 2") == 1, "dead again");
        Assert.Equal(letter, await instance.Database.ScalarAsync<Guid>("SELECT letter_id FROM sample.dead_event"));
        await Eventually.IsTrueAsync(async () => await instance.CountAsync("stream.events_core_dlq WHERE headers->>'dlq_deaths' = '2'") == 1, "its second letter");
        instance.Behaviour.Before = _ => Task.CompletedTask;
        await RedriveAsync(instance, "true", times: 3);
        await Eventually.IsTrueAsync(async () => (await instance.EffectsAsync("a")).Length == 1, "handled");
        await Eventually.IsTrueAsync(async () => await instance.CountAsync("sample.outbox") == 0
            && await instance.Database.ScalarAsync<long>("SELECT sum(next_offset)::bigint FROM sample.consumer_offset WHERE topic = 'platform.control'") >= 4, "all requests read");
        Assert.Equal(0L, await instance.CountAsync("sample.dead_event"));
        Assert.Equal(0L, await instance.CountAsync("sample.parked_event"));
        Assert.Equal(new[] { 1 }, await instance.EffectsAsync("a"));
    }

    [Fact]
    public async Task What_was_done_of_an_event_that_is_given_up_in_part_stays_and_a_redrive_hands_it_over_again()
    {
        await using var instance = await SampleInstance.StartAsync();
        instance.Behaviour.GivesUp = e => Number(e) == 2 ? "half of it" : null;
        for (var n = 1; n <= 3; n++)
        {
            await instance.PublishAsync("a", n);
        }

        await Eventually.IsTrueAsync(async () => await instance.CountAsync("sample.dead_event") == 1, "one letter");
        await Eventually.IsTrueAsync(async () => (await instance.EffectsAsync("a")).Length == 3, "all effects");
        Assert.Equal(new[] { 1, 2, 3 }, await instance.EffectsAsync("a"));
        await Eventually.IsTrueAsync(async () => await instance.CountAsync("stream.events_core_dlq WHERE headers->>'dlq_exception_message' = 'half of it'") == 1, "the letter travels");
        var letter = await instance.Database.ScalarAsync<Guid>("SELECT letter_id FROM sample.dead_event");

        // Again in part: the same letter, and nobody says that it is through.
        await RedriveAsync(instance, "true");
        await Eventually.IsTrueAsync(async () => await instance.CountAsync($"sample.dead_event WHERE deaths = 2 AND letter_id = '{letter}'") == 1, "dead again");
        instance.Behaviour.GivesUp = _ => null;
        await RedriveAsync(instance, "true");
        await Eventually.IsTrueAsync(
            async () => await instance.CountAsync("stream.platform_control WHERE headers->>'ce_type' = 'dead_letter.redriven'") > 0, "it is said that it is through");
        Assert.Equal(1L, await instance.CountAsync("stream.platform_control WHERE headers->>'ce_type' = 'dead_letter.redriven'"));
        Assert.Equal((0L, 0L), (await instance.CountAsync("sample.dead_event"), await instance.CountAsync("sample.parked_event")));
        Assert.Equal(new[] { 1, 2, 2, 2, 3 }, (await instance.EffectsAsync("a")).Order());
    }

    [Fact]
    public async Task The_loop_of_another_process_notices_what_was_parked_for_it()
    {
        // No signal reaches it: as if another instance had read the request.
        await using var instance = await SampleInstance.StartAsync();
        await instance.PublishAsync("warm", 1);
        await Eventually.IsTrueAsync(async () => (await instance.EffectsAsync("warm")).Length == 1, "it runs");
        var message = SampleInstance.Message("a", 1);
        await instance.Database.ExecuteAsync($"""
            INSERT INTO sample.parked_event (consumer_group, topic, partition, stream_offset, key, id, headers, payload)
            VALUES ('sample.effects', 'events.core', {message.Partition}, 0, 'a', '{message.Id}', '{message.Headers}', '{System.Text.Encoding.UTF8.GetString(message.Payload.Span)}')
            """);
        await Eventually.IsTrueAsync(async () => (await instance.EffectsAsync("a")).Length == 1, "noticed", TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void An_error_is_cut_between_characters_and_says_first_what_it_is()
    {
        Assert.Equal("ab", ErrorText.Shorten("ab😀", 3));
        Assert.Equal("ab😀", ErrorText.Shorten("ab😀", 4));
        Assert.Equal("a b�", ErrorText.Shorten("a\0b\ud83d", 9));
        Assert.StartsWith("System.InvalidOperationException: why", ErrorText.Of(new InvalidOperationException("why")), StringComparison.Ordinal);
        Assert.StartsWith(typeof(Silent).FullName + ": why", ErrorText.Of(new Silent()), StringComparison.Ordinal);
        Assert.Equal(ErrorText.MaxLength, ErrorText.Of(new InvalidOperationException(new string('x', 9000))).Length);
    }

    /// <summary>As Processing asks for it.</summary>
    private static async Task RedriveAsync(SampleInstance instance, string where, int times = 1)
    {
        await using var connection = await instance.Service.System.OpenConnectionAsync();
        await using var select = new NpgsqlCommand(
            $"SELECT letter_id, consumer_group, topic, partition, stream_offset, id, deaths, key FROM sample.dead_event WHERE {where} ORDER BY stream_offset DESC", connection);
        var messages = new List<OutboxMessage>();
        await using (var reader = await select.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                for (var i = 0; i < times; i++)
                {
                    messages.Add(OutboxMessage.Create("sample", Guid.Empty, reader.GetString(7), new DeadLetterRedriveRequested
                    {
                        Id = TypeId.Format(IdPrefix.DeadLetter, reader.GetGuid(0)), Group = reader.GetString(1), Topic = reader.GetString(2), Partition = reader.GetInt32(3),
                        Offset = reader.GetInt64(4), EventId = TypeId.Format(IdPrefix.Event, reader.GetGuid(5)), Deaths = reader.GetInt32(6),
                    }, TimeProvider.System));
                }
            }
        }

        await using var batch = new NpgsqlBatch(connection);
        OutboxWriter.AppendMany(batch, "sample", messages);
        await batch.ExecuteNonQueryAsync();
        instance.Service.OutboxWritten.Set();
    }

    private static int Number(ReceivedEvent received) => (int)received.Read<ResourceUpdated>().Version;

    private static async Task<Dictionary<string, string>> HeadersAsync(SampleInstance instance) =>
        JsonSerializer.Deserialize<Dictionary<string, string>>(
            await instance.Database.ScalarAsync<string>("SELECT headers::text FROM stream.events_core_dlq ORDER BY partition, stream_offset LIMIT 1"))!;

    private sealed class Silent() : Exception("why")
    {
        public override string ToString() => "something";
    }
}
