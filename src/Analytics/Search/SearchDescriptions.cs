using Platform.Contracts.Identifiers;
using Platform.ServiceDefaults.OpenApi;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Problems;

namespace Platform.Analytics.Search;

/// <summary>The routes of search, for the document.</summary>
internal static class SearchDescriptions
{
    private static readonly Schema Labels = Schema.Map("Its labels.");
    private static readonly Schema FoundId = Schema.Text("Of the resource or the event.", 30, 30, "^(res|evt)_[0-7][0-9a-hjkmnp-tv-z]{25}$");

    private static readonly Schema Hit = Schema.Object("SearchHit", "Something that was found.",
        ("kind", Schema.OneOf("What it is.", "resource", "event")),
        ("id", FoundId),
        ("type", Schema.Text("Its type.", 255)),
        ("score", Schema.Number("How well it fits; to be compared within one answer.")),
        ("labels", Labels),
        ("snippet?", Schema.Text("With `highlight=true`: the text around what was found, with `<mark>`; everything else is escaped.", 4096).OrNull()),
        ("updated_at", Schema.Time("When it was changed last, or happened.")),
        ("resource?", Schema.Object("FoundResource", "The resource, where it is short enough for a list.",
            ("id", Schema.Id(IdPrefix.Resource, "Its id.")), ("type", Schema.Text("Its type.", 64)), ("data", Schema.AnyObject("Its data.")), ("labels", Labels),
            ("version", Schema.Whole("Its version.", 1, Schema.MaxWhole)), ("created_at", Schema.Time("When it was made.")), ("updated_at", Schema.Time("When it was changed last.")))),
        ("event?", Schema.Object("FoundEvent", "The event, where it is short enough for a list.",
            ("id", Schema.Id(IdPrefix.Event, "Its id.")), ("type", Schema.Text("Its type.", 255)), ("subject", Schema.Text("What it is about.", 255)),
            ("data", Schema.Anything("What it says.")), ("time", Schema.Time("When it happened.")))))
        .Such("""
            {"kind": "resource", "id": "res_01jk2m3n4p5q6r7s8t9v0w1x2y", "type": "order", "score": 0.6, "labels": {"env": "prod"}, "updated_at": "2026-01-31T12:00:00Z",
             "resource": {"id": "res_01jk2m3n4p5q6r7s8t9v0w1x2y", "type": "order", "data": {"note": "two lamps"}, "labels": {"env": "prod"}, "version": 1,
               "created_at": "2026-01-31T12:00:00Z", "updated_at": "2026-01-31T12:00:00Z"}}
            """);

    public static readonly Operation Search = new("search", Tags.Search, "Search resources and events")
    {
        Description = """
            Best first, and of equally good ones the most recent first. All words must be found; where nothing is, words that look alike are tried, and the answer says `fuzzy`. What was
            written is found within a moment. Events are those of the last 30 days, and need `events.read` on top.
            """,
        Parameters =
        [
            Parameter.Query("q", Schema.Text("What to look for; everything when left out.", SearchRequest.MaxText)) with { Example = "two lamps" },
            Parameter.Query("kind", Schema.OneOf("What to look through.", "resource", "event", "all").With("default", "resource")),
            Parameter.Query("type", Schema.Text("Only of this type.", 200, 1)),
            Parameter.Query("label", Schema.ListOf(Schema.Text("`name:value`.", 400, 2, "^[^:]+:.*$"), "Only with these labels; may be repeated.", 10)),
            Parameter.Query("highlight", Schema.OneOf("Whether hits have a snippet.", "true", "false").With("default", "false")),
            Parameter.Fields(SearchDocuments.FieldNames),
            .. Parameter.Page,
        ],
        InputCodes = ["invalid_label"],
        Answers =
        [
            Answer.Ok(Schema.PageOf(Hit.Selectable()).And("SearchResult", "A page of hits.",
                ("fuzzy?", Schema.Flag("There where words that look alike were tried.")),
                ("took_ms", Schema.Number("How long it took here.")))
                .Such("""{"data": [], "next_cursor": null, "has_more": false, "took_ms": 1.25}"""), "A page."),
        ],
        Errors = [KnownProblems.Forbidden(Scopes.EventsRead)],
    };

    public static readonly Operation Suggest = new("suggestSearch", Tags.Search, "Complete a word")
    {
        Description = "Words, types and labels of resources that begin with `q`, in alphabetical order.",
        Parameters =
        [
            Parameter.Query("q", Schema.Text("How it begins.", 100, 1)) with { IsRequired = true, Example = "la" },
            Parameter.Query("limit", Schema.Whole("How many at most.", 1, 50).With("default", 10)),
        ],
        Answers =
        [
            Answer.Ok(Schema.Object("Suggestions", "What `q` can become.",
                ("data", Schema.ListOf(
                    Schema.Object("Suggestion", "A completion.", ("kind", Schema.OneOf("What it is.", "word", "type", "label")), ("text", Schema.Text("The whole of it.", 1024))),
                    "In alphabetical order.", 50)))
                .Such("""{"data": [{"kind": "word", "text": "lamps"}]}"""), "The suggestions."),
        ],
    };
}
