using Platform.CoreApi.Resources;
using Platform.ServiceDefaults.OpenApi;

namespace Platform.CoreApi.ResourceTypes;

/// <summary>The routes of types, for the document.</summary>
internal static class ResourceTypesDescriptions
{
    private static readonly Schema Description = Schema.Text("For people.", SaveResourceType.MaxDescription);

    // Anything: it is an object, true or false, and null where there is none.
    private static readonly Schema JsonSchema = Schema.Anything("A JSON Schema (2020-12) that the data of this type must meet; null for none.");

    private static readonly Schema Type = Schema.Object("ResourceType", "A type that is in use or has a definition.",
        ("type", Schema.Text("Its name.", 64, 1, ResourcesDescriptions.TypePattern)),
        ("count", Schema.Whole("How many resources of it there are, without deleted ones. Exact.", 0, Schema.MaxWhole)),
        ("description", Description.OrNull()),
        ("schema", JsonSchema),
        ("version?", Schema.Whole("Of the definition: 1 for the first, one more with each change. Also its `ETag`. It and what follows is there where there is a definition.", 1, Schema.MaxWhole)),
        ("created_at?", Schema.Time("When the type was defined.")),
        ("updated_at?", Schema.Time("When the definition last changed.")),
        ("updated_by?", Schema.Text("Who changed it: the id of a key.", 255)))
        .Such("""
            {"type": "order", "count": 1200, "description": "What a customer ordered.", "schema": {"type": "object", "required": ["total"], "properties": {"total": {"type": "number", "minimum": 0}}},
             "version": 1, "created_at": "2026-01-31T12:00:00Z", "updated_at": "2026-01-31T12:00:00Z", "updated_by": "key_01jk2m3n4p5q6r7s8t9v0w1x2y"}
            """);

    private static readonly Schema Definition = Schema.Input("ResourceTypeDefinition", "What is said about a type.", ("schema?", JsonSchema), ("description?", Description))
        .Such("""
            {"schema": {"type": "object", "required": ["total"], "properties": {"total": {"type": "number", "minimum": 0}}}, "description": "What a customer ordered."}
            """);

    private static readonly Parameter Name = Parameter.Path("type", Schema.Text("The type.", 64, 1, ResourcesDescriptions.TypePattern)) with { Example = "order" };

    public static readonly Operation List = new("listResourceTypes", Tags.Resources, "List types")
    {
        Description = "By name: every type that is in use or has a definition.",
        Parameters = [.. Parameter.Page],
        Answers = [Answer.Ok(Schema.PageOf(Type), "A page.")],
    };

    public static readonly Operation Get = new("getResourceType", Tags.Resources, "Get a type")
    {
        Description = "404 for a type that is neither in use nor has a definition.",
        Parameters = [Name],
        Answers = [Answer.Ok(Type, "The type.") with { Headers = [("ETag", "Of the definition; there where there is one.")] }],
        Errors = [ResourceType.NotFound()],
    };

    public static readonly Operation Save = new("saveResourceType", Tags.Resources, "Define a type")
    {
        Description = """
            The whole definition anew. From then on every write of the type must leave data that meets the schema, or is 400 with pointers below `/data`; within a second on every instance. Resources
            that are there are not looked at.

            Of JSON Schema 2020-12: `type enum const`, `minimum maximum exclusiveMinimum exclusiveMaximum multipleOf`, `minLength maxLength pattern format`, `items prefixItems contains minContains
            maxContains minItems maxItems uniqueItems`, `properties patternProperties additionalProperties propertyNames required dependentRequired dependentSchemas minProperties maxProperties`,
            `allOf anyOf oneOf not if then else`, `$ref` into the schema itself, `$defs`, and annotations. Anything else is refused: what would not be held is not accepted. `format` is asserted; patterns
            match in linear time. 64 KiB at most.
            """,
        Parameters = [Name],
        Heeds = Heeds.IfMatch,
        Body = new(Definition),
        Answers =
        [
            Answer.Created(Type, "There was no definition.") with { HasETag = true },
            Answer.Ok(Type, "There was one; or the stored answer of an earlier request with the same `Idempotency-Key`, which was 201.") with { HasETag = true, HasLocation = true },
        ],
        InputCodes = ["unknown_keyword", "unknown_format", "invalid_pattern", "invalid_reference", "endless_reference"],
    };

    public static readonly Operation Delete = new("deleteResourceType", Tags.Resources, "Forget a type's definition")
    {
        Description = "Its resources stay, and their data may be anything again.",
        Parameters = [Name],
        Heeds = Heeds.IfMatch,
        Answers = [Answer.NoContent("Forgotten.")],
        Errors = [ResourceType.NotFound()],
    };
}
