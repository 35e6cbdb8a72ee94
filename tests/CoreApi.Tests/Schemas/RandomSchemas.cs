using System.Globalization;

namespace Platform.CoreApi.Tests;

/// <summary>Schemas and values from few names and small numbers, so that they often have to do with each other.</summary>
internal sealed class RandomSchemas(int seed)
{
    private static readonly string[] Names = ["a", "b", "c", "ab", "x1"];
    private static readonly string[] Texts = ["\"\"", "\"a\"", "\"ab\"", "\"abc\"", "\"b1\"", "\"\u00fc\"", "\"\U0001F600\"", "\"2026-01-31\""];
    private static readonly string[] Numbers = ["0", "1", "2", "3", "-1", "1.5", "2.0", "10", "4e0"];
    private static readonly string[] Patterns = ["^a", "b$", "^[a-c]+$", "\\\\d", "^.$", "^(a|b)*c?$", "[^a-z]", "^\\\\w{2,3}$"];
    private readonly Random _random = new(seed);

    public string Schema() => Schema(depth: 3);

    public string Value() => Value(depth: 3);

    private string Schema(int depth)
    {
        if (_random.Next(12) == 0)
        {
            return _random.Next(3) == 0 ? "false" : "true";
        }

        var keywords = new SortedDictionary<string, string>(StringComparer.Ordinal);
        for (var count = _random.Next(1, 4); count > 0; count--)
        {
            Add(keywords, depth);
        }

        return "{" + string.Join(',', keywords.Select(k => $"\"{k.Key}\":{k.Value}")) + "}";
    }

    private void Add(SortedDictionary<string, string> keywords, int depth)
    {
        string Inner() => Schema(depth - 1);
        string Count() => _random.Next(4).ToString(CultureInfo.InvariantCulture);
        string List() => "[" + string.Join(',', Enumerable.Range(0, _random.Next(1, 4)).Select(_ => Inner())) + "]";
        string Required() => "[" + string.Join(',', Names.Where(_ => _random.Next(3) == 0).Select(n => $"\"{n}\"")) + "]";
        string Each(Func<string> value) => "{" + string.Join(',', Names.Where(_ => _random.Next(2) == 0).Select(n => $"\"{n}\":{value()}")) + "}";
        switch (_random.Next(depth > 0 ? 29 : 13))
        {
            case 0 or 1: keywords["type"] = $"\"{Pick(["null", "boolean", "object", "array", "number", "string", "integer"])}\""; break;
            case 2: keywords["type"] = """["string","object","integer"]"""; break;
            case 3: keywords["enum"] = $"[{Value(1)},{Value(1)},{Value(0)}]"; break;
            case 4: keywords["const"] = Value(1); break;
            case 5: keywords[Pick(["minimum", "exclusiveMinimum"])] = Pick(Numbers); break;
            case 6: keywords[Pick(["maximum", "exclusiveMaximum"])] = Pick(Numbers); break;
            case 7: keywords["multipleOf"] = Pick(["1", "2", "0.5", "3"]); break;
            case 8: keywords[Pick(["minLength", "maxLength"])] = Count(); break;
            case 9: keywords["pattern"] = $"\"{Pick(Patterns)}\""; break;
            case 10: keywords["required"] = Required(); break;
            case 11: keywords[Pick(["minItems", "maxItems", "minProperties", "maxProperties"])] = Count(); break;
            case 12: keywords["uniqueItems"] = Pick(["true", "false"]); break;
            case 13 or 14 or 15: keywords["properties"] = Each(Inner); break;
            case 16: keywords["additionalProperties"] = Inner(); break;
            case 17: keywords["patternProperties"] = $"{{\"{Pick(Patterns)}\":{Inner()}}}"; break;
            case 18: keywords["propertyNames"] = Inner(); break;
            case 19: keywords["items"] = Inner(); break;
            case 20 when !keywords.ContainsKey("contains"): keywords["prefixItems"] = List(); break;
            case 21 when !keywords.ContainsKey("prefixItems"): keywords["contains"] = Inner(); break;
            case 22 when !keywords.ContainsKey("prefixItems"):
                // Not with prefixItems: Ajv then takes an empty list for one that contains enough.
                keywords["contains"] = Inner();
                keywords["minContains"] = Count();
                keywords["maxContains"] = _random.Next(2, 5).ToString(CultureInfo.InvariantCulture);
                break;
            case 23: keywords[Pick(["allOf", "anyOf", "oneOf"])] = List(); break;
            case 24: keywords["not"] = Inner(); break;
            case 25:
                keywords["if"] = Inner();
                keywords["then"] = Inner();
                keywords["else"] = Inner();
                break;
            case 26: keywords["dependentRequired"] = Each(Required); break;
            case 27: keywords["dependentSchemas"] = Each(Inner); break;
            default: keywords["anyOf"] = List(); break;
        }
    }

    private string Value(int depth) => _random.Next(depth > 0 ? 8 : 5) switch
    {
        0 => Pick(["null", "true", "false"]),
        1 or 2 => Pick(Numbers),
        3 or 4 => Pick(Texts),
        5 => "[" + string.Join(',', Enumerable.Range(0, _random.Next(5)).Select(_ => Value(depth - 1))) + "]",
        _ => "{" + string.Join(',', Names.Where(_ => _random.Next(2) == 0).Select(n => $"\"{n}\":{Value(depth - 1)}")) + "}",
    };

    private string Pick(string[] choices) => choices[_random.Next(choices.Length)];
}
