using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using Platform.Contracts.Identifiers;
using Platform.Eventing.Streams.Kafka;

namespace Platform.Eventing.Tests;

/// <summary>Headers from anybody: what is written is read again, and nothing makes reading fail.</summary>
public sealed class KafkaHeadersTests
{
    [Fact]
    public void What_is_written_is_read_again()
    {
        var json = SampleInstance.Message("größe/\"quoted\"\\\u2028🚀", 1).Headers;
        Assert.Equal(Parse(json), Parse(KafkaHeaders.Read(KafkaHeaders.Write(json))));
    }

    [Fact]
    public void Whatever_another_system_writes_can_be_read()
    {
        var headers = new Headers
        {
            { "ce_type", "first"u8.ToArray() },
            { "null", null },
            { "empty", [] },
            { "not utf-8", [0xFF, 0xFE, (byte)'x'] },
            { "zero", [(byte)'a', 0, (byte)'b'] },
            { "na\0me", "x"u8.ToArray() },
            { "quote\"", "\"\\\n"u8.ToArray() },
            { "ce_type", "last"u8.ToArray() },
        };
        Assert.Equal(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["null"] = "", ["empty"] = "", ["not utf-8"] = "\uFFFD\uFFFDx", ["zero"] = "a\uFFFDb", ["na\uFFFDme"] = "x", ["quote\""] = "\"\\\n", ["ce_type"] = "last",
            }.OrderBy(h => h.Key, StringComparer.Ordinal),
            Parse(KafkaHeaders.Read(headers)));
        Assert.Equal("{}", KafkaHeaders.Read(null));
    }

    [Fact]
    public void An_event_has_the_same_id_however_often_it_comes()
    {
        var own = TypeId.New(TimeProvider.System);
        Assert.Equal(own, Id(("ce_id", TypeId.Format(IdPrefix.Event, own))));
        Assert.Equal(own, Id(("ce_id", own.ToString())));
        var foreign = Id(("ce_id", "order-1"), ("ce_source", "shop"), ("ce_time", "2026-05-01T00:00:00Z"));
        Assert.Equal(foreign, Id(("ce_id", "order-1"), ("ce_source", "shop"), ("ce_time", "2026-05-01T00:00:00Z")));
        Assert.NotEqual(foreign, Id(("ce_id", "order-2"), ("ce_source", "shop"), ("ce_time", "2026-05-01T00:00:00Z")));
        Assert.NotEqual(foreign, Id(("ce_id", "order-1"), ("ce_source", "store"), ("ce_time", "2026-05-01T00:00:00Z")));

        // Of its day, so that the inbox forgets it with the others of that day.
        Assert.StartsWith(DateTimeOffset.Parse("2026-05-01T00:00:00Z", null).ToUnixTimeMilliseconds().ToString("x12"), foreign.ToString("N"), StringComparison.Ordinal);
        Assert.StartsWith("000000000000", Id(("ce_id", "x"), ("ce_time", "soon")).ToString("N"), StringComparison.Ordinal);

        // Without an id the place in the log is the id.
        Assert.Equal(KafkaHeaders.IdOf(null, "t", 1, 5), KafkaHeaders.IdOf([], "t", 1, 5));
        Assert.NotEqual(KafkaHeaders.IdOf(null, "t", 1, 5), KafkaHeaders.IdOf(null, "t", 1, 6));
    }

    [Theory]
    [InlineData("bootstrap.servers=a:1;enable.idempotence=false", "enable.idempotence")]
    [InlineData("bootstrap.servers=a:1;group.id=x", "group.id")]
    [InlineData("security.protocol=SSL", "bootstrap.servers")]
    [InlineData("bootstrap.servers=a:1;=x", "has no value")]
    [InlineData("bootstrap.servers=a:1;sasl.password", "sasl.password")]
    [InlineData(" ", "bootstrap.servers")]
    public void A_connection_string_that_cannot_be_used_says_why(string given, string expected) =>
        Assert.Contains(expected, Assert.Throws<KafkaConnectionStringException>(() => KafkaConnection.Parse(given)).Message, StringComparison.Ordinal);

    private static Guid Id(params (string Name, string Value)[] headers)
    {
        var made = new Headers();
        foreach (var (name, value) in headers)
        {
            made.Add(name, Encoding.UTF8.GetBytes(value));
        }

        return KafkaHeaders.IdOf(made, "t", 0, 0);
    }

    private static IEnumerable<KeyValuePair<string, string>> Parse(string json) =>
        JsonSerializer.Deserialize<Dictionary<string, string>>(json)!.OrderBy(h => h.Key, StringComparer.Ordinal);
}
