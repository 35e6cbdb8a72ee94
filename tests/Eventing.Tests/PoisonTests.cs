using Platform.Eventing.Tests.Conformance;
using Platform.Testing;

namespace Platform.Eventing.Tests;

/// <summary>An event whose handler keeps failing.</summary>
public sealed class PoisonTests
{
    [Theory, EveryStream]
    public async Task Its_key_waits_behind_it_and_the_others_flow(string engine)
    {
        await using var under = await StreamUnderTest.StartAsync(engine);
        var instance = await under.StartInstanceAsync();
        var broken = true;
        instance.Behaviour.Before = e => e.Subject == "bad" && Volatile.Read(ref broken) ? throw new InvalidOperationException("no") : Task.CompletedTask;
        for (var n = 1; n <= 5; n++)
        {
            await instance.PublishAsync("bad", n);
            await instance.PublishAsync("good", n);
        }

        await Eventually.IsTrueAsync(async () => (await instance.EffectsAsync("good")).Length == 5, "the other key");
        Assert.Empty(await instance.EffectsAsync("bad"));
        Volatile.Write(ref broken, false);
        await Eventually.IsTrueAsync(
            async () => await instance.CountAsync("sample.parked_event") == 0 && (await instance.EffectsAsync("bad")).Length + await instance.CountAsync("sample.dead_event") == 5, "the parked key is done");
        var effects = await instance.EffectsAsync("bad");
        Assert.Equal(effects.Order(), effects);
        Assert.Equal(5, effects[^1]);
    }

    [Theory, EveryStream]
    public async Task After_its_last_attempt_it_is_dead_with_its_reason_and_its_key_goes_on(string engine)
    {
        await using var under = await StreamUnderTest.StartAsync(engine);
        var instance = await under.StartInstanceAsync();
        instance.Behaviour.Before = e => e.Record.Payload.AsSpan().IndexOf("\"version\":2,"u8) >= 0 ? throw new InvalidOperationException("never two") : Task.CompletedTask;
        for (var n = 1; n <= 4; n++)
        {
            await instance.PublishAsync("a", n);
        }

        await Eventually.IsTrueAsync(async () => (await instance.EffectsAsync("a")).Length == 3, "all but the poison");
        Assert.Equal(new[] { 1, 3, 4 }, await instance.EffectsAsync("a"));
        Assert.Equal(1L, await instance.CountAsync("sample.dead_event"));
        Assert.Contains("never two", await instance.Database.ScalarAsync<string>("SELECT error FROM sample.dead_event"), StringComparison.Ordinal);
        Assert.Equal(0L, await instance.CountAsync("sample.parked_event"));
    }

    [Theory, EveryStream]
    public async Task A_broken_envelope_is_poison_too(string engine)
    {
        await using var under = await StreamUnderTest.StartAsync(engine);
        var instance = await under.StartInstanceAsync();
        await instance.Database.ExecuteAsync("""
            INSERT INTO sample.outbox (topic, partition, key, id, headers, payload)
            VALUES ('events.core', 3, 'x', gen_random_uuid(), '{"ce_type":"resource.updated"}', 'garbage')
            """);
        await instance.PublishAsync("after", 1);
        await Eventually.IsTrueAsync(async () => (await instance.EffectsAsync("after")).Length == 1, "the others flow");
        await Eventually.IsTrueAsync(async () => await instance.CountAsync("sample.dead_event") == 1, "the garbage is dead");
    }
}
