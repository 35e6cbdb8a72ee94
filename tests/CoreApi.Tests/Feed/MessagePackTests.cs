using System.Buffers;
using System.Text;
using System.Text.Json;
using Platform.CoreApi.Feed.MessagePack;

namespace Platform.CoreApi.Tests.Feed;

/// <summary>The formats of the MessagePack specification's table, in both directions.</summary>
public sealed class MessagePackTests
{
    [Theory]
    [InlineData("null", "c0")]
    [InlineData("false", "c2")]
    [InlineData("true", "c3")]
    [InlineData("0", "00")]
    [InlineData("127", "7f")]
    [InlineData("128", "cc80")]
    [InlineData("255", "ccff")]
    [InlineData("256", "cd0100")]
    [InlineData("65536", "ce00010000")]
    [InlineData("4294967296", "cf0000000100000000")]
    [InlineData("18446744073709551615", "cfffffffffffffffff")]
    [InlineData("-1", "ff")]
    [InlineData("-32", "e0")]
    [InlineData("-33", "d0df")]
    [InlineData("-129", "d1ff7f")]
    [InlineData("-32769", "d2ffff7fff")]
    [InlineData("-2147483649", "d3ffffffff7fffffff")]
    [InlineData("0.5", "cb3fe0000000000000")]
    [InlineData("\"\"", "a0")]
    [InlineData("\"\u00fc\"", "a2c3bc")]
    [InlineData("[1,[]]", "920190")]
    [InlineData("""{"a":{"b":null}}""", "81a16181a162c0")]
    public void Each_format_both_ways(string json, string hex)
    {
        var buffer = new ArrayBufferWriter<byte>();
        MessagePackWriter.WriteJson(buffer, Encoding.UTF8.GetBytes(json));
        Assert.Equal(hex, Convert.ToHexStringLower(buffer.WrittenSpan));
        Assert.True(MessagePackReader.TryToJson(buffer.WrittenSpan, out var back, out var reason), reason);
        Assert.True(JsonElement.DeepEquals(JsonDocument.Parse(json).RootElement, JsonDocument.Parse(back).RootElement));
    }

    [Theory]
    [InlineData("d901" + "61", "\"a\"")]
    [InlineData("da0001" + "61", "\"a\"")]
    [InlineData("db00000001" + "61", "\"a\"")]
    [InlineData("dc000101", "[1]")]
    [InlineData("dd0000000101", "[1]")]
    [InlineData("de0001a16101", """{"a":1}""")]
    [InlineData("df00000001d9016101", """{"a":1}""")]
    [InlineData("ca3f000000", "0.5")]
    [InlineData("d0ff", "-1")]
    [InlineData("d37fffffffffffffff", "9223372036854775807")]
    public void Longer_forms_than_needed_are_read(string hex, string json)
    {
        Assert.True(MessagePackReader.TryToJson(Convert.FromHexString(hex), out var read, out var reason), reason);
        Assert.Equal(json, Encoding.UTF8.GetString(read));
    }

    [Theory]
    [InlineData("")]
    [InlineData("c1")]
    [InlineData("c40161")]
    [InlineData("d40101")]
    [InlineData("c70101ff")]
    [InlineData("cc")]
    [InlineData("cd01")]
    [InlineData("cb3fe0")]
    [InlineData("a261")]
    [InlineData("a1ff")]
    [InlineData("dbffffffff61")]
    [InlineData("ddffffffff01")]
    [InlineData("dfffffffff01")]
    [InlineData("810101")]
    [InlineData("81a161")]
    [InlineData("9201")]
    [InlineData("0101")]
    [InlineData("cb7ff8000000000000")]
    [InlineData("ca7f800000")]
    public void What_is_cut_short_or_has_no_form_in_json_is_refused(string hex)
    {
        Assert.False(MessagePackReader.TryToJson(Convert.FromHexString(hex), out _, out var reason));
        Assert.StartsWith("Not valid MessagePack at byte ", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Depth_is_bounded()
    {
        Assert.False(MessagePackReader.TryToJson([.. Enumerable.Repeat((byte)0x91, 60_000), 0x01], out _, out var reason));
        Assert.Contains("too deeply", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Garbage_never_throws()
    {
        var random = new Random(7);
        for (var i = 0; i < 20_000; i++)
        {
            var garbage = new byte[random.Next(1, 40)];
            random.NextBytes(garbage);
            if (MessagePackReader.TryToJson(garbage, out var json, out _))
            {
                using var parsed = JsonDocument.Parse(json, new() { MaxDepth = 64 });
            }
        }
    }
}
