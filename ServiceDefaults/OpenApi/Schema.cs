using System.Text.Json.Nodes;
using Platform.Contracts.Identifiers;

namespace Platform.ServiceDefaults.OpenApi;

/// <summary>
/// A JSON Schema (2020-12) as a description writes it down. One with a <see cref="Name"/> stands once under <c>components/schemas</c> and is
/// referred to. Objects are open, so that an answer can grow; a request body is closed, as <see cref="Requests.JsonFields"/> reads it.
/// </summary>
public sealed record Schema
{
    /// <summary>The largest whole number that JavaScript holds exactly.</summary>
    public const long MaxWhole = 9_007_199_254_740_991;

    private const int MaxTime = 35;
    private readonly JsonObject _keywords = [];

    private Schema(string type, string description)
    {
        _keywords["type"] = type;
        Description = description;
    }

    /// <summary>The problem document, where an answer holds one.</summary>
    public static Schema Problem => CommonParts.Problem;

    /// <summary>In PascalCase; null for one that is written where it is used.</summary>
    public string? Name { get; private init; }
    public string Description { get; private init; }

    /// <summary>A value that the schema allows.</summary>
    public JsonNode? Example { get; private init; }
    internal IReadOnlyList<Field> Fields { get; private init; } = [];
    internal Schema? Items { get; private init; }
    internal Schema? Values { get; private init; }
    internal IReadOnlyList<Schema> Choices { get; private init; } = [];
    internal bool IsNullable { get; private init; }
    internal bool IsClosed { get; private init; }

    /// <param name="pattern">A regular expression with its anchors.</param>
    public static Schema Text(string description, int max = 1024, int min = 0, string? pattern = null, string? format = null) =>
        new Schema("string", description).With("minLength", min > 0 ? min : null).With("maxLength", max).With("pattern", pattern).With("format", format);

    /// <summary>An RFC 3339 time.</summary>
    public static Schema Time(string description) => new Schema("string", description).With("format", "date-time").With("maxLength", MaxTime);

    /// <summary>A TypeID.</summary>
    /// <param name="prefix">Of <see cref="IdPrefix"/>.</param>
    public static Schema Id(string prefix, string description) =>
        new Schema("string", description).With("pattern", $"^{prefix}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$").With("maxLength", prefix.Length + 1 + TypeId.SuffixLength);

    public static Schema OneOf(string description, params IEnumerable<string> values) =>
        new Schema("string", description).With("enum", new JsonArray([.. values.Select(v => (JsonNode)v)]));

    public static Schema Whole(string description, long min = 0, long max = int.MaxValue) =>
        new Schema("integer", description).With("format", max > int.MaxValue ? "int64" : "int32").With("minimum", min).With("maximum", max);

    public static Schema Number(string description, double min = 0) => new Schema("number", description).With("format", "double").With("minimum", min);

    public static Schema Flag(string description) => new("boolean", description);

    /// <summary>An object of any fields.</summary>
    public static Schema AnyObject(string description) => new("object", description);

    /// <summary>Any JSON value.</summary>
    public static Schema Anything(string description)
    {
        var schema = new Schema("", description);
        schema._keywords.Remove("type");
        return schema;
    }

    public static Schema ListOf(Schema items, string description, int max = 100, int min = 0) =>
        new Schema("array", description) { Items = items }.With("minItems", min > 0 ? min : null).With("maxItems", max);

    /// <summary>An object of strings, such as labels.</summary>
    public static Schema Map(string description, int maxEntries = 64, int maxValue = 255) =>
        new Schema("object", description) { Values = Text("A value.", maxValue) }.With("maxProperties", maxEntries);

    /// <summary>An object of these fields.</summary>
    /// <param name="name">Null for one that is used once.</param>
    /// <param name="fields">A name that ends in <c>?</c> may be missing.</param>
    public static Schema Object(string? name, string description, params (string Name, Schema Schema)[] fields) => new("object", description)
    {
        Name = name,
        Fields = [.. fields.Select(f => f.Name.EndsWith('?') ? new Field(f.Name[..^1], f.Schema, false) : new Field(f.Name, f.Schema, true))],
    };

    /// <summary>A request body as <see cref="Requests.JsonFields"/> reads it: any other field is a fault, and null is the same as a field that is not there.</summary>
    public static Schema Input(string? name, string description, params (string Name, Schema Schema)[] fields)
    {
        var input = Object(name, description, fields).Closed();
        return input with { Fields = [.. input.Fields.Select(f => f.IsRequired ? f : f with { Schema = f.Schema.OrNull() })] };
    }

    /// <summary>The answer of a list: <c>data</c>, <c>next_cursor</c>, <c>has_more</c>. Its example is made of that of the item.</summary>
    public static Schema PageOf(Schema item, int max = Requests.Page.MaxLimit)
    {
        var named = item.Name ?? item.Choices[0].Name!;
        var page = Object(named + "List", "A page of a list.",
            ("data", ListOf(item, "The objects of this page, in the order of the list.", max)),
            ("next_cursor", Text("Where the next page begins; null on the last.", 2048).OrNull()),
            ("has_more", Flag("Whether there is another page.")));
        var example = item.Example ?? (item.Choices.Count > 0 ? item.Choices[0].Example : null);
        return page with
        {
            Example = new JsonObject { ["data"] = example is null ? [] : new JsonArray(example.DeepClone()), ["next_cursor"] = null, ["has_more"] = false },
        };
    }

    /// <summary>One of several.</summary>
    public static Schema AnyOf(string? name, string description, params Schema[] choices)
    {
        var schema = Anything(description);
        return schema with { Name = name, Choices = choices, Example = choices[0].Example };
    }

    /// <summary>The object whole, or with some of its fields only: the answer where <c>fields</c> can be given.</summary>
    public Schema Selectable() => AnyOf(null, Description, this,
        this with { Name = "Selected" + Name, Description = "Some fields of it, as `fields` selects them.", Fields = [.. Fields.Select(f => f with { IsRequired = false })] });

    /// <summary>The same with more fields.</summary>
    public Schema And(string name, string description, params (string Name, Schema Schema)[] fields)
    {
        var more = Object(name, description, fields);
        return more with { Fields = [.. Fields, .. more.Fields], IsClosed = IsClosed };
    }

    /// <summary>A merge patch of an input: nothing is required, at any depth, and null takes a field away.</summary>
    public Schema Patch(string name, string description) => this with
    {
        Name = name, Description = description, Example = null, Fields = [.. Fields.Select(f => f with { IsRequired = false, Schema = f.Schema.Patched().OrNull() })],
    };

    /// <summary>An object with a name (<c>NewX</c>) gets one as a patch (<c>XPatch</c>).</summary>
    private Schema Patched() =>
        Fields.Count > 0 && Name is not null ? Patch((Name.StartsWith("New", StringComparison.Ordinal) ? Name[3..] : Name) + "Patch", Description) : this;

    /// <summary>The same without any other field.</summary>
    public Schema Closed() => this with { IsClosed = true };

    /// <summary>The same, or null.</summary>
    public Schema OrNull() => this with { IsNullable = true };

    /// <summary>The same with another description.</summary>
    public Schema As(string description) => this with { Description = description };

    /// <param name="json">A value that the schema allows, as JSON.</param>
    public Schema Such(string json) => this with { Example = JsonNode.Parse(json) };

    /// <summary>Any other keyword, such as <c>default</c>.</summary>
    public Schema With(string keyword, JsonNode? value)
    {
        var copy = new JsonObject(_keywords.Select(k => KeyValuePair.Create(k.Key, k.Value?.DeepClone())));
        if (value is not null)
        {
            copy[keyword] = value;
        }

        return new(this, copy);
    }

    private Schema(Schema original, JsonObject keywords)
        : this(original) => _keywords = keywords;

    /// <summary>As JSON; named ones are put into <paramref name="components"/>.</summary>
    internal JsonObject ToJson(Components components)
    {
        if (Name is null)
        {
            return Write(components);
        }

        components.Add(Name, () => (this with { Name = null, IsNullable = false }).Write(components));
        var reference = new JsonObject { ["$ref"] = "#/components/schemas/" + Name };
        return IsNullable ? new() { ["anyOf"] = new JsonArray(reference, new JsonObject { ["type"] = "null" }) } : reference;
    }

    private JsonObject Write(Components components)
    {
        var json = _keywords.DeepClone().AsObject();
        if (Description.Length > 0)
        {
            json["description"] = Description;
        }

        if (Fields.Count > 0)
        {
            json["properties"] = new JsonObject(Fields.Select(f => KeyValuePair.Create(f.Name, (JsonNode?)f.Schema.ToJson(components))));
            if (Fields.Any(f => f.IsRequired))
            {
                json["required"] = new JsonArray([.. Fields.Where(f => f.IsRequired).Select(f => (JsonNode)f.Name)]);
            }
        }

        if (IsClosed)
        {
            json["additionalProperties"] = false;
        }

        if (Values is not null)
        {
            json["additionalProperties"] = Values.ToJson(components);
        }

        if (Items is not null)
        {
            json["items"] = Items.ToJson(components);
        }

        if (Choices.Count > 0)
        {
            json["anyOf"] = new JsonArray([.. Choices.Select(c => (JsonNode)c.ToJson(components))]);
        }

        if (IsNullable)
        {
            AllowNull(json);
        }

        if (Example is not null)
        {
            json["examples"] = new JsonArray(Example.DeepClone());
        }

        return json;
    }

    private static void AllowNull(JsonObject json)
    {
        if (json["type"] is JsonValue type)
        {
            json["type"] = new JsonArray(type.DeepClone(), "null");
            (json["enum"] as JsonArray)?.Add((JsonNode?)null);
        }
        else
        {
            (json["anyOf"] as JsonArray)?.Add(new JsonObject { ["type"] = "null" });
        }
    }
}

/// <summary>A field of an object.</summary>
internal sealed record Field(string Name, Schema Schema, bool IsRequired);
