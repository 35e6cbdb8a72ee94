using System.Diagnostics;
using System.Text.Json;
using Platform.CoreApi.ResourceTypes.Schemas;

namespace Platform.CoreApi.Tests;

/// <summary>What a schema may say, and that no schema and no data make it run long.</summary>
public sealed class JsonSchemaTests
{
    [Theory]
    [InlineData("""7""", " wrong_type")]
    [InlineData("""{"colour":1}""", "/colour unknown_keyword")]
    [InlineData("""{"unevaluatedProperties":false}""", "/unevaluatedProperties unknown_keyword")]
    [InlineData("""{"definitions":{}}""", "/definitions unknown_keyword")]
    [InlineData("""{"$anchor":"a"}""", "/$anchor unknown_keyword")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#"}""", "/$schema invalid_value")]
    [InlineData("""{"properties":{"a":{"$id":"x"}}}""", "/properties/a/$id invalid_value")]
    [InlineData("""{"$ref":"https://example.com/schema"}""", "/$ref invalid_reference")]
    [InlineData("""{"$ref":"#/$defs/none"}""", "/$ref invalid_reference")]
    [InlineData("""{"$ref":"#/properties","properties":{}}""", "/$ref invalid_reference")]
    [InlineData("""{"$ref":"#"}""", " endless_reference")]
    [InlineData("""{"$defs":{"a":{"anyOf":[true,{"$ref":"#/$defs/b"}]},"b":{"not":{"$ref":"#/$defs/a"}}}}""", " endless_reference")]
    [InlineData("""{"type":[]}""", "/type invalid_value")]
    [InlineData("""{"enum":[]}""", "/enum wrong_type")]
    [InlineData("""{"multipleOf":0}""", "/multipleOf out_of_range")]
    [InlineData("""{"required":["a","a"]}""", "/required wrong_type")]
    [InlineData("""{"allOf":[]}""", "/allOf wrong_type")]
    [InlineData("""{"items":[true]}""", "/items wrong_type")]
    [InlineData("""{"format":"hostname"}""", "/format unknown_format")]
    [InlineData("""{"pattern":"("}""", "/pattern invalid_pattern")]
    [InlineData("""{"pattern":"(?=a)"}""", "/pattern invalid_pattern")]
    [InlineData("""{"pattern":"(a)\\1"}""", "/pattern invalid_pattern")]
    [InlineData("""{"pattern":"\\bword\\b"}""", "/pattern invalid_pattern")]
    [InlineData("""{"pattern":"(?i)a"}""", "/pattern invalid_pattern")]
    [InlineData("""{"pattern":"[z-a]"}""", "/pattern invalid_pattern")]
    [InlineData("""{"pattern":"a{2"}""", "/pattern invalid_pattern")]
    [InlineData("""{"pattern":"\\p{Script=Greek}"}""", "/pattern invalid_pattern")]
    [InlineData("""{"pattern":"((a{1,500}){1,500}){1,500}"}""", "/pattern invalid_pattern")]
    [InlineData("""{"patternProperties":{"[":true}}""", "/patternProperties/[ invalid_pattern")]
    public void A_schema_that_cannot_be_held_is_refused(string schema, string fault)
    {
        var (compiled, faults) = JsonSchema.Compile(Parse(schema));
        Assert.Null(compiled);
        Assert.Equal(fault, string.Join(';', faults.Select(f => $"{f.Pointer} {f.Code}")));
    }

    /// <summary>Beyond what a double holds, where other validators guess.</summary>
    [Theory]
    [InlineData("""{"multipleOf":0.1}""", "0.3", true)]
    [InlineData("""{"multipleOf":0.01}""", "1234567890123456789012345678901234567890.07", true)]
    [InlineData("""{"multipleOf":3}""", "1e1000000000", false)]
    [InlineData("""{"multipleOf":2}""", "1e99999999999999999999", true)]
    [InlineData("""{"maximum":9007199254740993}""", "9007199254740994", false)]
    [InlineData("""{"maximum":1e400}""", "1e401", false)]
    [InlineData("""{"minimum":-1e400}""", "-1e401", false)]
    [InlineData("""{"type":"integer"}""", "1.00000000000000000000000000000001", false)]
    [InlineData("""{"type":"integer"}""", "12.50e1", true)]
    [InlineData("""{"uniqueItems":true}""", "[9007199254740992,9007199254740993]", true)]
    [InlineData("""{"uniqueItems":true}""", """[{"a":1,"b":[1.0]},{"b":[10e-1],"a":1}]""", false)]
    [InlineData("""{"const":0}""", "-0.0", true)]
    [InlineData("""{"enum":["1"]}""", "1", false)]
    [InlineData("""{"maxLength":1}""", "\"\U0001F600\"", true)]
    [InlineData("""{"pattern":"^.$"}""", "\"\U0001F600\"", true)]
    [InlineData("""{"pattern":"^[^a]$"}""", "\"\U0001F600\"", true)]
    [InlineData("{\"pattern\":\"^[\U0001F5FF-\U0001F601]$\"}", "\"\U0001F600\"", true)]
    [InlineData("""{"pattern":"^a$"}""", "\"a\\n\"", false)]
    [InlineData("""{"pattern":"^\\d$"}""", "\"\u0663\"", false)]
    public void Numbers_and_texts_are_exact(string schema, string data, bool valid) => Assert.Equal(valid, Valid(schema, data));

    [Fact]
    public void Faults_carry_their_places_and_end_somewhere()
    {
        var (schema, _) = JsonSchema.Compile(Parse("""{"items":{"properties":{"a~b/c":{"type":"string"}}}}"""));
        Assert.Equal(["/data/1/a~0b~1c"], schema!.Faults(Parse("""[{"a~b/c":""},{"a~b/c":1}]"""), "/data").Select(f => f.Pointer));
        Assert.Equal(100, schema.Faults(Parse("[" + string.Join(',', Enumerable.Repeat("""{"a~b/c":1}""", 500)) + "]")).Count);
    }

    [Fact]
    public void References_that_multiply_end()
    {
        var defs = string.Join(',', Enumerable.Range(0, 40).Select(i => $$"""
            "d{{i}}":{"allOf":[{"$ref":"#/$defs/d{{i + 1}}"},{"$ref":"#/$defs/d{{i + 1}}"}]}
            """));
        var (schema, _) = JsonSchema.Compile(Parse($$$"""{"$ref":"#/$defs/d0","$defs":{{{{defs}}},"d40":true}}"""));
        Assert.Equal("too_complex", Assert.Single(schema!.Faults(Parse("1"))).Code);
    }

    /// <summary>What takes a backtracking matcher longer than the universe has.</summary>
    [Theory]
    [InlineData("^(a+)+$")]
    [InlineData("^(a|a)*$")]
    [InlineData("^(.*a){12}$")]
    public void A_hostile_text_takes_as_long_as_any_other(string pattern)
    {
        var started = Stopwatch.GetTimestamp();
        Assert.False(Valid($$"""{"pattern":"{{pattern}}"}""", "\"" + new string('a', 50_000) + "!\""));
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(10));
    }

    private static bool Valid(string schema, string data)
    {
        var (compiled, faults) = JsonSchema.Compile(Parse(schema));
        Assert.Empty(faults);
        return compiled!.Faults(Parse(data)).Count == 0;
    }

    private static JsonElement Parse(string json) => JsonDocument.Parse(json).RootElement;
}
