using System.Text.Json.Nodes;
using Platform.ServiceDefaults.Problems;

namespace Platform.ServiceDefaults.OpenApi;

/// <summary>
/// What a route does, for whoever calls it. What follows from the route itself is not repeated here: its path and method, its scope, the failures
/// of authentication, limits, bodies and idempotency, and the headers that all answers have.
/// </summary>
/// <param name="Id">Unique, in camelCase, verb first: the name of the method on the clients.</param>
/// <param name="Tag">The capability: one of <see cref="Tags"/>.</param>
/// <param name="Summary">A line without a full stop.</param>
public sealed record Operation(string Id, string Tag, string Summary)
{
    /// <summary>What a caller has to know beyond the summary; Markdown.</summary>
    public required string Description { get; init; }

    /// <summary>Of the path and the query.</summary>
    public IReadOnlyList<Parameter> Parameters { get; init; } = [];

    /// <summary>Null for none.</summary>
    public RequestBody? Body { get; init; }

    /// <summary>What it answers when all goes well. The replay of a 201, which is 200, is added.</summary>
    public required IReadOnlyList<Answer> Answers { get; init; }

    /// <summary>The failures that this route adds to those that follow from it, as it answers them: their status, code and an example are taken.</summary>
    public IReadOnlyList<Problem> Errors { get; init; } = [];

    /// <summary>The codes in <c>errors</c> of a 400 that are particular to it.</summary>
    public IReadOnlyList<string> InputCodes { get; init; } = [];

    /// <summary>The headers that it heeds.</summary>
    public Heeds Heeds { get; init; }

    /// <summary>False for a POST that is no write: it takes no <c>Idempotency-Key</c>.</summary>
    public bool IsIdempotent { get; init; } = true;
}

/// <summary>Headers that a route heeds.</summary>
[Flags]
public enum Heeds
{
    None = 0,

    /// <summary>A write with a precondition: 412.</summary>
    IfMatch = 1,

    /// <summary>A read that can be 304.</summary>
    IfNoneMatch = 2,
}

/// <summary>A parameter of the path or the query.</summary>
/// <param name="In"><c>path</c>, <c>query</c> or <c>header</c>.</param>
public sealed record Parameter(string Name, string In, Schema Schema, bool IsRequired = false)
{
    public JsonNode? Example { get; init; }

    /// <summary>Several values in one parameter, with commas; else a list is the parameter repeated.</summary>
    public bool IsCommaSeparated { get; init; }

    /// <summary><c>limit</c> and <c>cursor</c>.</summary>
    public static IReadOnlyList<Parameter> Page { get; } =
    [
        Query("limit", Schema.Whole("How many objects a page has at most.", 1, Requests.Page.MaxLimit).With("default", 50)),
        Query("cursor", Schema.Text("`next_cursor` of the page before. It is good for this list and its order alone.", 2048, 1, "^[A-Za-z0-9_-]+$")),
    ];

    public static Parameter Path(string name, Schema schema) => new(name, "path", schema, IsRequired: true);

    public static Parameter Query(string name, Schema schema) => new(name, "query", schema);

    /// <summary><c>fields=a,b</c>; the answer's schema is then <see cref="Schema.Selectable"/>.</summary>
    public static Parameter Fields(IEnumerable<string> names)
    {
        string[] sorted = [.. names];
        return new("fields", "query", Schema.ListOf(Schema.OneOf("A field.", sorted), "Only these fields of each object.", sorted.Length, 1)) { IsCommaSeparated = true };
    }
}

/// <summary>A request's body.</summary>
/// <param name="IsRequired">False where the request may come without.</param>
public sealed record RequestBody(Schema Schema, bool IsRequired = true)
{
    public IReadOnlyList<string> MediaTypes { get; init; } = ["application/json"];

    /// <summary>Examples by name, beside that of the schema.</summary>
    public IReadOnlyList<(string Name, string Json)> Examples { get; init; } = [];

    /// <summary>Read by <see cref="Requests.JsonBody"/>; false for a body of bytes, whose failures the route names itself.</summary>
    public bool IsJson => MediaTypes.All(m => m.EndsWith("json", StringComparison.Ordinal));

    /// <summary>A merge patch (RFC 7396), which may also come as plain JSON.</summary>
    public static RequestBody MergePatch(Schema schema) => new(schema) { MediaTypes = ["application/merge-patch+json", "application/json"] };
}

/// <summary>A success.</summary>
/// <param name="Schema">Of the body; null for none.</param>
public sealed record Answer(int Status, string Description, Schema? Schema = null)
{
    public string MediaType { get; init; } = "application/json";
    public bool HasETag { get; init; }
    public bool HasLocation { get; init; }

    /// <summary>Further headers: name and description.</summary>
    public IReadOnlyList<(string Name, string Description)> Headers { get; init; } = [];

    public static Answer Ok(Schema schema, string description = "The object.") => new(200, description, schema);

    public static Answer Created(Schema schema, string description = "Created.") => new(201, description, schema) { HasLocation = true };

    public static Answer NoContent(string description = "Done.") => new(204, description);
}

/// <summary>The parts of the API, in the order of the document.</summary>
public static class Tags
{
    public const string Resources = "Resources";
    public const string Files = "Files";
    public const string Events = "Events";
    public const string Jobs = "Jobs";
    public const string Workflows = "Workflows";
    public const string Queues = "Queues";
    public const string DeadLetters = "Dead letters";
    public const string Triggers = "Triggers";
    public const string Schedules = "Schedules";
    public const string Webhooks = "Webhooks";
    public const string Deliveries = "Deliveries";
    public const string Search = "Search";
    public const string Analytics = "Analytics";
    public const string ApiKeys = "API keys";
    public const string Organization = "Organization";
    public const string Operations = "Operations";

    internal static readonly IReadOnlyList<(string Name, string Description)> All =
    [
        (Resources, "Versioned JSON documents with labels and a history. Every change is an event."),
        (Files, "Bytes with a name and a type."),
        (Events, "What happened, in order, to be read again or followed."),
        (Jobs, "Work that runs in the background, with retries."),
        (Workflows, "Jobs, approvals and timers that need one another, with compensation when one fails."),
        (Queues, "Where jobs wait. Each organization pauses and resumes its own."),
        (DeadLetters, "What could not succeed: jobs, deliveries and events, with the reason, to be redriven."),
        (Triggers, "Start a job when an event happens."),
        (Schedules, "Start a job at times of the calendar."),
        (Webhooks, "Where events are sent, signed by Standard Webhooks."),
        (Deliveries, "One event on its way to one endpoint, with every attempt."),
        (Search, "Full text over resources and events."),
        (Analytics, "Usage counted by time and group."),
        (ApiKeys, "Who may call, and what they may."),
        (Organization, "The caller's own."),
        (Operations, "How the platform itself does."),
    ];
}
