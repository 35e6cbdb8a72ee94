using Platform.Contracts.Identifiers;
using Platform.ServiceDefaults.OpenApi;
using Platform.ServiceDefaults.Problems;

namespace Platform.CoreApi.Resources;

/// <summary>The routes of resources, for the document.</summary>
internal static class ResourcesDescriptions
{
    public const string TypePattern = "^[a-z][a-z0-9_.-]{0,63}$";

    private static readonly Schema Type = Schema.Text("What kind of thing it is. It cannot change.", 64, 1, TypePattern);
    private static readonly Schema Labels = Schema.Map("Names and values to find it by: up to 64, a name of 1 to 63 characters.");
    private static readonly Schema Data = Schema.AnyObject("Any JSON object.");
    private static readonly Schema Version = Schema.Whole("1 for a new one, one more with each change. Also its `ETag`.", 1, Schema.MaxWhole);

    public static readonly Schema Resource = Schema.Object("Resource", "A version of a resource.",
        ("id", Schema.Id(IdPrefix.Resource, "Its id, in order of creation.")),
        ("type", Type),
        ("data", Data),
        ("labels", Labels),
        ("version", Version),
        ("created_at", Schema.Time("When the first version was made.")),
        ("updated_at", Schema.Time("When this version was made.")))
        .Such("""
            {"id": "res_01jk2m3n4p5q6r7s8t9v0w1x2y", "type": "order", "data": {"total": 42, "currency": "EUR"}, "labels": {"env": "prod"}, "version": 1,
             "created_at": "2026-01-31T12:00:00.123456Z", "updated_at": "2026-01-31T12:00:00.123456Z"}
            """);

    private static readonly Schema ListedResource = Schema.Object("ListedResource", "A resource as lists show it.",
        ("id", Schema.Id(IdPrefix.Resource, "Its id, in order of creation.")),
        ("type", Type),
        ("data", Data.OrNull().As("Any JSON object; null in the list of deleted ones.")),
        ("labels", Labels),
        ("version", Version),
        ("created_at", Schema.Time("When the first version was made.")),
        ("updated_at", Schema.Time("When this version was made.")),
        ("deleted_at?", Schema.Time("When it was deleted. In the list of deleted ones alone.")))
        .Such(Resource.Example!.ToJsonString());

    private static readonly Schema NewResource = Schema.Input("NewResource", "A resource as a caller writes it.", ("type", Type), ("data", Data), ("labels?", Labels))
        .Such("""{"type": "order", "data": {"total": 42, "currency": "EUR"}, "labels": {"env": "prod"}}""");

    private static readonly Schema ResourcePatch = Schema.Object("ResourcePatch", "A merge patch (RFC 7396): a null removes, at any depth.",
        ("data?", Data.As("Merged into the data.")),
        ("labels?", Schema.AnyObject("Labels to set; a null removes one.").OrNull()))
        .Closed()
        .Such("""{"data": {"total": 43, "currency": null}, "labels": {"paid": "yes"}}""");

    private static readonly Schema ResourceVersion = Schema.Object("ResourceVersion", "One version of a resource's history.",
        ("version", Version),
        ("change", Schema.OneOf("How it was made; `updated` where the version is from before this was recorded.",
            [.. new[] { ChangeKind.Created, ChangeKind.Replaced, ChangeKind.Patched, ChangeKind.Deleted, ChangeKind.Restored }.Select(k => k.Name), "updated"])),
        ("data", Data.OrNull().As("Null in the version that is the deletion.")),
        ("labels", Labels),
        ("updated_at", Schema.Time("When it was made.")),
        ("updated_by", Schema.Text("Who made it: the id of a key.", 255)),
        ("deleted", Schema.Flag("Whether this version is the deletion.")))
        .Such("""
            {"version": 2, "change": "patched", "data": {"total": 43}, "labels": {"env": "prod"}, "updated_at": "2026-01-31T12:00:05Z", "updated_by": "key_01jk2m3n4p5q6r7s8t9v0w1x2y", "deleted": false}
            """);

    private static readonly Parameter Id = Parameter.Path("id", Schema.Id(IdPrefix.Resource, "The resource."));

    /// <summary>What a schema of a type can find beside the codes that are common.</summary>
    public static readonly string[] SchemaCodes = ["too_few", "duplicate", "no_match", "not_allowed", "invalid_name", "too_complex"];

    private static readonly Problem TooLargeNow = KnownProblems.Validation("/data", "too_large", "'data' may have 1048576 bytes after the patch.");

    public static readonly Operation Create = new("createResource", Tags.Resources, "Create a resource")
    {
        Description = "Emits `resource.created`. The resource, the stored answer and the event are committed together before the 201. The data must meet the schema of its type, if there is one.",
        Body = new(NewResource),
        Answers = [Answer.Created(Resource, "The resource.") with { HasETag = true }],
        InputCodes = SchemaCodes,
    };

    public static readonly Operation List = new("listResources", Tags.Resources, "List resources")
    {
        Description = """
            All filters must hold; times are exclusive. A cursor belongs to its filters and its sort; `limit` and `fields` may change from page to page.

            What a cursor promises while others write: by `created_at`, upwards or downwards, what was there all along comes exactly once. Upwards by `updated_at` it comes at least once:
            what changes moves on and comes again. Downwards by `updated_at` it comes at most once, and is missed if it changes before its page. So copy by `created_at`, and look for what changed upwards
            by `updated_at`.
            """,
        Parameters =
        [
            Parameter.Query("type", Type.As("Only of this type.")),
            Parameter.Query("label", Schema.ListOf(
                Schema.Text("`name:value`, or `name` for any value. The name ends at the first colon.", 512, 1, "^[^:]"), "Only with all of these labels; may be repeated.", ListQuery.MaxLabels)),
            Parameter.Query("created_after", Schema.Time("Only those created later.")),
            Parameter.Query("created_before", Schema.Time("Only those created earlier.")),
            Parameter.Query("updated_after", Schema.Time("Only those changed later.")),
            Parameter.Query("deleted", Schema.Flag("Instead those that are deleted and not yet purged, with `deleted_at`, which `fields` can name then.").With("default", false)),
            Parameter.Query("sort", Schema.OneOf("The order.", ListQuery.Sorts).With("default", ListQuery.Sorts[0])),
            Parameter.Fields(CoreApi.Resources.Resource.DeletedFieldNames),
            .. Parameter.Page,
        ],
        Answers = [Answer.Ok(Schema.PageOf(ListedResource.Selectable()), "A page.")],
    };

    public static readonly Operation Get = new("getResource", Tags.Resources, "Get a resource")
    {
        Description = "The current version.",
        Parameters = [Id, Parameter.Fields(CoreApi.Resources.Resource.FieldNames)],
        Heeds = Heeds.IfNoneMatch,
        Answers = [Answer.Ok(Resource.Selectable(), "The resource.") with { HasETag = true, Headers = [("Vary", "`Authorization`: the answer is the caller's alone.")] }],
        Errors = [ResourceInput.NotFound()],
    };

    public static readonly Operation Replace = new("replaceResource", Tags.Resources, "Replace a resource")
    {
        Description = "The whole resource anew: labels that are left out are gone. Its type stays what it is. Emits `resource.updated`.",
        Parameters = [Id],
        Heeds = Heeds.IfMatch,
        Body = new(NewResource),
        Answers = [Answer.Ok(Resource, "The new version.") with { HasETag = true }],
        Errors = [ResourceInput.NotFound()],
        InputCodes = SchemaCodes,
    };

    public static readonly Operation Patch = new("patchResource", Tags.Resources, "Change a part of a resource")
    {
        Description = "A merge patch (RFC 7396) of `data` and `labels`. The result has to keep the limits of a new resource. Emits `resource.updated`.",
        Parameters = [Id],
        Heeds = Heeds.IfMatch,
        Body = RequestBody.MergePatch(ResourcePatch),
        Answers = [Answer.Ok(Resource, "The new version.") with { HasETag = true }],
        Errors = [ResourceInput.NotFound(), TooLargeNow],
        InputCodes = SchemaCodes,
    };

    public static readonly Operation Delete = new("deleteResource", Tags.Resources, "Delete a resource")
    {
        Description = "The deletion is a version without data. Until the resource is purged its history stays readable and it can be restored. Emits `resource.deleted`.",
        Parameters = [Id],
        Heeds = Heeds.IfMatch,
        Answers = [Answer.NoContent("Deleted.")],
        Errors = [ResourceInput.NotFound()],
    };

    public static readonly Operation History = new("listResourceHistory", Tags.Resources, "List a resource's versions")
    {
        Description = "Every version, newest first, with who made it, when and how; also after a deletion, until the resource is purged.",
        Parameters = [Id, .. Parameter.Page],
        Answers = [Answer.Ok(Schema.PageOf(ResourceVersion), "A page.")],
        Errors = [ResourceInput.NotFound()],
    };

    public static readonly Operation GetVersion = new("getResourceVersion", Tags.Resources, "Get a version of a resource")
    {
        Description = "As it stands in the history. It does not change.",
        Parameters = [Id, Parameter.Path("version", Version.As("The version's number."))],
        Answers = [Answer.Ok(ResourceVersion, "The version.")],
        Errors = [ResourceInput.NoSuchVersion()],
    };

    public static readonly Operation Restore = new("restoreResource", Tags.Resources, "Restore an earlier version")
    {
        Description = """
            Makes a new version of the data and labels of the one that is named; a deleted resource is back. The data must meet the schema of its type as it is now. A version that is a deletion is
            `not_restorable`. Emits `resource.restored`.
            """,
        Parameters = [Id],
        Heeds = Heeds.IfMatch,
        Body = new(Schema.Input("ResourceRestore", "Which version to restore.", ("version", Schema.Whole("The version's number.", 1))).Such("""{"version": 1}""")),
        Answers = [Answer.Ok(Resource, "The new version.") with { HasETag = true }],
        Errors = [ResourceInput.NotFound(), ResourceInput.NoSuchVersion()],
        InputCodes = ["not_restorable", .. SchemaCodes],
    };
}
