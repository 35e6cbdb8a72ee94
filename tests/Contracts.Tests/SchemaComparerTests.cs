using System.Text.Json.Nodes;

namespace Platform.Contracts.Tests;

/// <summary>That the comparer sees each kind of break, and nothing where there is none.</summary>
public sealed class SchemaComparerTests
{
    private const string Released = """
        {
          "title": "order.placed", "x-topics": ["events.core", "events.audit"], "type": ["object", "null"],
          "properties": {
            "id": {"type": "string"},
            "note": {"type": ["string", "null"]},
            "count": {"type": "integer"},
            "at": {"type": "string", "format": "date-time"},
            "state": {"enum": ["open", "closed"]},
            "data": true,
            "labels": {"type": "object", "additionalProperties": {"type": "string"}},
            "tags": {"type": "array", "items": {"type": "string"}},
            "address": {"type": "object", "properties": {"city": {"type": "string"}, "zip": {"type": "string"}}, "required": ["city"]},
            "lines": {"type": "array", "items": {"type": "object", "properties": {"sku": {"type": "string"}, "n": {"type": "integer"}}, "required": ["sku"]}}
          },
          "required": ["id", "count"]
        }
        """;

    [Theory]
    [InlineData("""  "id": {"type": "string"},  """, "", "'id' is lost")]
    [InlineData("""  "count": {"type": "integer"}  """, """  "count": {"type": "string"}  """, "'count' is retyped")]
    [InlineData("""  "count": {"type": "integer"}  """, """  "count": {"type": ["integer", "null"]}  """, "'count' may be null now")]
    [InlineData("""["string", "null"]""", """["string"]""", "'note' may not be null any more")]
    [InlineData("""["string", "null"]""", """["integer", "null"]""", "'note' is retyped")]
    [InlineData("""["id", "count"]""", """["id", "count", "note"]""", "'note' is required now")]
    [InlineData("""["id", "count"]""", """["id"]""", "'count' is optional now")]
    [InlineData("""["id", "count"]""", """["id", "count", "fresh"]""", "'fresh' is new and required")]
    [InlineData("\"date-time\"", "\"date\"", "'at' has another 'format'")]
    [InlineData("""["open", "closed"]""", """["open"]""", "'state' loses the value \"closed\"")]
    [InlineData("""["open", "closed"]""", """["open", "closed", "lost"]""", "'state' gains the value \"lost\"")]
    [InlineData("""{"enum": ["open", "closed"]}""", "{}", "'state' takes any value now")]
    [InlineData("\"data\": true", """  "data": {"type": "object"}  """, "'data' is retyped")]
    [InlineData("\"data\": true", "\"data\": false", "'data' is retyped")]
    [InlineData("""  "additionalProperties": {"type": "string"}  """, """  "additionalProperties": {"type": "integer"}  """, "'labels.*' is retyped")]
    [InlineData("""  "additionalProperties": {"type": "string"}  """, """  "additionalProperties": false  """, "'labels.*' is retyped")]
    [InlineData("""  "items": {"type": "string"}  """, """  "items": {"type": ["string", "null"]}  """, "'tags[]' may be null now")]
    [InlineData("""  {"city": {"type": "string"}, "zip": {"type": "string"}}  """, """  {"city": {"type": "string"}}  """, "'address.zip' is lost")]
    [InlineData("""["city"]""", """["city", "zip"]""", "'address.zip' is required now")]
    [InlineData("""  "n": {"type": "integer"}  """, """  "n": {"type": "number"}  """, "'lines[].n' is retyped")]
    [InlineData("""["sku"]""", "[]", "'lines[].sku' is optional now")]
    [InlineData("""  "type": ["object", "null"]  """, """  "type": "array"  """, "the data is retyped")]
    [InlineData("""["events.core", "events.audit"]""", """["events.core"]""", "the event leaves the topic events.audit")]
    public void A_break_is_seen(string was, string becomes, string expected)
    {
        var changed = Change(was, becomes);
        var found = Assert.Single(SchemaComparer.Breaks(JsonNode.Parse(Released), changed));
        Assert.StartsWith(expected, found, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""  "id": {"type": "string"},  """, """  "id": {"type": "string", "description": "New words."},  """)]
    [InlineData("""  "id": {"type": "string"},  """, """  "id": {"type": "string"}, "fresh": {"type": "integer"},  """)]
    [InlineData("""  "zip": {"type": "string"}  """, """  "zip": {"type": "string"}, "street": {"type": "string"}  """)]
    [InlineData("""  "n": {"type": "integer"}  """, """  "n": {"type": "integer"}, "price": {"type": "number"}  """)]
    [InlineData("""["string", "null"]""", """["null", "string"]""")]
    [InlineData("""["id", "count"]""", """["count", "id"]""")]
    [InlineData("\"data\": true", "\"data\": {}")]
    [InlineData("""  ["events.core", "events.audit"]  """, """  ["events.core", "events.audit", "events.analytics"]  """)]
    [InlineData("order.placed", "other words")]
    public void A_compatible_change_is_none(string was, string becomes) =>
        Assert.Empty(SchemaComparer.Breaks(JsonNode.Parse(Released), Change(was, becomes)));

    [Fact]
    public void Several_breaks_are_all_named()
    {
        var breaks = SchemaComparer.Breaks(JsonNode.Parse(Released), JsonNode.Parse("""{"type": ["object", "null"], "properties": {}}"""));
        Assert.Equal(12, breaks.Count);
    }

    private static JsonNode? Change(string was, string becomes)
    {
        Assert.Contains(was.Trim(), Released, StringComparison.Ordinal);
        return JsonNode.Parse(Released.Replace(was.Trim(), becomes.Trim(), StringComparison.Ordinal));
    }
}
