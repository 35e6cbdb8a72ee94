namespace Platform.CoreApi.Tests;

/// <summary>Schemas of one kind, and values at their edges.</summary>
internal sealed record SchemaCases(IReadOnlyList<string> Schemas, IReadOnlyList<string> Instances)
{
    private static readonly string[] Times =
    [
        "\"2026-01-31T12:00:00Z\"", "\"2026-01-31t12:00:00.123456789+14:00\"", "\"2026-02-29T12:00:00Z\"", "\"2024-02-29T12:00:00Z\"", "\"2026-13-01T12:00:00Z\"",
        "\"2026-01-31T24:00:00Z\"", "\"2026-01-31T12:00:00\"", "\"2026-01-31T12:60:00Z\"", "\"1998-12-31T23:59:60Z\"",
        "\"1998-12-31T15:59:60.5-08:00\"", "\"1998-12-31T22:59:60Z\"", "\"2026-01-31\"", "\"2026-1-31\"", "\"26-01-31\"", "\"2026-01-32\"", "\"\"",
    ];

    private static readonly string[] Names =
    [
        "\"a@b.c\"", "\"a.b+c@example.com\"", "\"a..b@example.com\"", "\".a@example.com\"", "\"a@\"", "\"@b\"", "\"a\"", "\"a b@example.com\"",
        "\"a@-b.com\"", "\"http://example.com\"", "\"http://[::1]:80/a?b#c\"", "\"http://exa mple\"", "\"//example.com\"", "\"mailto:a@b.c\"", "\"urn:isbn:1\"",
        "\"http://a/%zz\"", "\"http://a/<b>\"", "\"1http://a\"", "\"127.0.0.1\"", "\"256.0.0.1\"", "\"1.2.3\"", "\"01.2.3.4\"", "\"1.2.3.4.\"", "\"::1\"", "\"1::2::3\"",
        "\"::ffff:1.2.3.4\"", "\"12345::\"", "\"fe80::1%eth0\"", "\"1:2:3:4:5:6:7:8\"", "\"1:2:3:4:5:6:7\"", "\":1\"", "\"550e8400-e29b-41d4-a716-446655440000\"",
        "\"550E8400-E29B-41D4-A716-446655440000\"", "\"550e8400e29b41d4a716446655440000\"", "\"550e8400-e29b-41d4-a716-44665544000g\"", "7", "null",
    ];

    private static readonly string[] Texts =
    [
        "\"\"", "\"a\"", "\"ab\"", "\"A1\"", "\"a-b\"", "\"a_b\"", "\"\u00fc\"", "\"\U0001F600\"", "\"\U0001F600\U0001F601\"", "\"a\\nb\"", "\"\\u2028\"", "\"\u0663\"",
        "\" \"", "\"\u00a0\"", "\"a]b\"", "\"x{2}\"", "\"2026\"", "\"\u03b1\u03b2\"", "\"[\"", "\"\\\\\"",
    ];

    public static IReadOnlyList<SchemaCases> All { get; } =
    [
        new(["""{"format":"date-time"}""", """{"format":"date"}"""], Times),
        new(["""{"format":"email"}""", """{"format":"ipv4"}""", """{"format":"ipv6"}""", """{"format":"uuid"}""", """{"format":"uri"}"""], Names),
        new(
        [
            .. new[]
            {
                "^a", "b$", "^$", "^.$", "^..$", "^[^a]$", "^[a-z]*$", "^[\\\\w-]+$", "^\\\\W$", "^\\\\s$", "^\\\\S$", "^[\\\\s\\\\S]$", "^\\\\d+$", "^\\\\D+$", "\\\\p{L}",
                "^\\\\P{Lu}+$", "^\\\\p{Lu}\\\\d$", "^(?:a|b)+$", "^(?<n>a)?b?$", "^a{1,2}$", "^[\U0001F600-\U0001F610]+$", "\\\\u{1F600}", "\\\\uD83D\\\\uDE01", "^[\\\\]a]b?$",
                "^\\\\[$", "^x\\\\{2\\\\}$", "^[]$", "^[^]$", "a*?b", "\\\\x41", "\\\\\\\\", "^[.]$", "[a\\\\-b]{3}", "^\\\\/$", "^|a$", "^\\\\cJ$",
            }.Select(p => $$"""{"pattern":"{{p}}"}"""),
        ], Texts),
        new(["""{"minLength":2}""", """{"maxLength":1}""", """{"minLength":1,"maxLength":2.0}"""], Texts),
        new(
        [
            """{"$ref":"#/$defs/tree","$defs":{"tree":{"type":"object","required":["v"],"properties":{"v":{"type":"integer"},"next":{"$ref":"#/$defs/tree"}}}}}""",
            """{"properties":{"next":{"$ref":"#"},"v":{"type":"number"}},"additionalProperties":false}""",
            """{"$defs":{"a/b":{"type":"object"},"c%d":{"required":["v"]}},"allOf":[{"$ref":"#/$defs/a~1b"},{"$ref":"#/$defs/c%25d"}]}""",
            """{"properties":{"v":{"$ref":"#/properties/w"},"w":{"minimum":2}}}""",
            """{"$ref":"#/$defs/v","maxProperties":1,"$defs":{"v":{"required":["v"]}}}""",
        ], ["""{}""", """{"v":1}""", """{"v":1,"next":{"v":2}}""", """{"v":1,"next":{"v":"x"}}""", """{"next":{"next":{"x":1}}}""", """{"v":1.5}""", "1", "null", """{"v":1,"next":{}}"""]),
        new(
        [
            """{"properties":{"a":{}},"patternProperties":{"^b":{"type":"string"}},"additionalProperties":{"type":"integer"}}""",
            """{"if":{"required":["a"]},"then":{"required":["b"]}}""", """{"if":{"required":["a"]},"else":{"required":["b"]}}""", """{"then":{"required":["b"]}}""",
            """{"dependentRequired":{"a":["b"],"b":[]}}""", """{"dependentSchemas":{"a":{"maxProperties":1}}}""", """{"propertyNames":{"maxLength":1}}""",
            """{"minProperties":1,"maxProperties":2}""", """{"required":["toString"]}""", """{"properties":{"__proto__":{"type":"number"},"constructor":{"type":"number"}}}""",
        ],
        [
            "{}", """{"a":1}""", """{"a":1,"b":2}""", """{"b":"x"}""", """{"bc":1}""", """{"c":1}""", """{"c":"1"}""", """{"a":1,"b":"2","c":3}""", "[]", "1",
            """{"toString":1}""", """{"constructor":"x"}""",
        ]),
        new(
        [
            """{"prefixItems":[{"type":"integer"},{"type":"string"}],"items":false}""", """{"prefixItems":[{"type":"integer"}],"items":{"type":"string"}}""",
            """{"items":{"type":"integer"}}""", """{"contains":{"type":"string"}}""", """{"contains":{"type":"string"},"minContains":0}""",
            """{"contains":{"type":"string"},"minContains":2,"maxContains":2}""", """{"minContains":2}""", """{"uniqueItems":true}""", """{"minItems":1,"maxItems":2}""",
        ],
        [
            "[]", "[1]", """[1,"a"]""", """[1,"a",2]""", """["a",1]""", """["a","b"]""", """["a","b","c"]""", "[1,1.0]", """[{"a":1,"b":2},{"b":2,"a":1}]""", "[1,true]", "[0,false]",
            """[[1],["1"]]""", "[null,null]", "{}", """[[],{}]""", """["a","a"]""",
        ]),
    ];
}
