using Google.Protobuf.WellKnownTypes;
using Platform.Contracts.Protos.V1;
using static Platform.CoreApi.Tests.Parity.Ways;

namespace Platform.CoreApi.Tests.Parity;

/// <summary>What a message or a body may hold.</summary>
internal static class InputRules
{
    private const string NoTypes = "a subscription names types of events, not of resources";
    private const string NoPages = "a subscription has no pages";
    private const string NoBatches = "nothing is written over the WebSocket";
    private static readonly string Long = new('x', 64);

    public static IEnumerable<Rule> All =>
    [
        new("what is missing is named", Expected.Invalid("data required; type required"), Create("{}"), Create(new CreateResourceRequest())) { NoSocket = "a frame has neither" },
        new("a field that nobody knows", Expected.Invalid("colour unknown_field"),
            Create("""{"type":"order","data":{},"colour":1}"""), Subscribe("\"colour\":1"))
        {
            NoGrpc = "protocol buffers pass over fields that they do not know",
        },
        new("a label that is no text", Expected.Invalid("labels.a wrong_type"),
            Rest("PATCH", "/v1/resources/$id", """{"labels":{"a":1}}"""),
            Call("Resources/Update", w => new UpdateResourceRequest { Id = w["id"], Labels = Data("a", Value.ForNumber(1)) }), Subscribe("\"labels\":{\"a\":1}"))
        {
            Given = w => w.CreateAsync(),
        },
        new("a type that is no type", Expected.Invalid("type invalid_format"),
            Create("""{"type":"A!","data":{}}"""), Create(new CreateResourceRequest { Type = "A!", Data = new() }),
            Get("/v1/resources?type=A!"), List(new ListResourcesRequest { Type = "A!" })) { NoSocket = NoTypes },
        new("a type that is too long", Expected.Invalid("type invalid_length"),
            Create($$$"""{"type":"{{{Long}}}y","data":{}}"""), Create(new CreateResourceRequest { Type = Long + "y", Data = new() })) { NoSocket = NoTypes },
        new("a name of a label that is too long", Expected.Invalid($"labels.{Long} invalid_length"),
            Create($$$"""{"labels":{"{{{Long}}}":"v"},"type":"order","data":{}}"""), Create(new CreateResourceRequest { Type = "order", Data = new(), Labels = { [Long] = "v" } }),
            Subscribe($$"""
                "labels":{"{{Long}}":"v"}
                """), Call("Events/Watch", new WatchEventsRequest { Labels = { [Long] = "v" } }), Call("Resources/Watch", new WatchResourcesRequest { Labels = { [Long] = "v" } })),
        new("too many labels", Expected.Invalid("labels too_many"),
            Create("""{"type":"order","data":{},"labels":""" + Labels(65) + "}"), Create(Labelled(65)), Subscribe("\"labels\":" + Labels(65))),
        new("too many labels to look for", Expected.Invalid("labels too_many"),
            Query("/v1/resources?" + Repeated("label", Names(11).Select(n => n + ":"))), List(new ListResourcesRequest { Labels = { Names(11).ToDictionary(n => n, _ => "") } }))
        {
            NoSocket = "a subscription may look for more labels",
        },
        new("text that cannot be stored", Expected.Invalid("labels.a invalid_text"),
            Create("""{"type":"order","data":{},"labels":{"a":"\u0000"}}"""), Create(new CreateResourceRequest { Type = "order", Data = new(), Labels = { ["a"] = "\0" } }),
            Subscribe("""
                "labels":{"a":"\u0000"}
                """), Call("Events/Watch", new WatchEventsRequest { Labels = { ["a"] = "\0" } })),
        .. Pages("limit=0", "limit out_of_range", limit: 0),
        .. Pages("limit=201", "limit out_of_range", limit: 201),
        .. Pages("cursor=!!", "cursor invalid_cursor", cursor: "!!"),
        .. Pages("cursor=$cursor", "cursor invalid_cursor", cursor: "$cursor"),
        new("an order that there is not", Expected.Invalid("sort invalid_value"), Get("/v1/resources?sort=colour"), List(new ListResourcesRequest { Sort = "colour" })) { NoSocket = NoPages },
        new("fields that there are not", Expected.Invalid("fields unknown_field"),
            Get("/v1/resources?fields=id,secret"), List(new ListResourcesRequest { Fields = { "id", "secret" } }),
            Get("/v1/events?fields=secret"), List(new ListEventsRequest { Fields = { "secret" } })) { NoSocket = "frames are whole" },
        new("objects that are nested too deeply", new(400, "json_too_deep"),
            Create("""{"type":"order","data":""" + Nested(40) + "}"), Create(new CreateResourceRequest { Type = "order", Data = NestedData(40) }),
            Subscribe($"\"labels\":{Nested(40)}")),
        new("lists that are nested too deeply", new(400, "json_too_deep"),
            Create("""{"type":"order","data":{"l":""" + new string('[', 40) + new string(']', 40) + "}}"),
            Create(new CreateResourceRequest { Type = "order", Data = Data("l", NestedList(40)) }), Subscribe("\"labels\":" + new string('[', 40) + new string(']', 40))),
        new("as deep as allowed", Expected.Created with { Note = "\"1\"" }, Create("""{"type":"order","data":""" + Nested(31) + "}"),
            Create(new CreateResourceRequest { Type = "order", Data = NestedData(31) })) { NoSocket = "nothing in a frame is as deep" },
        Large("a large request", 1_100_000, 70_000),
        Large("a very large request", 5_000_000, 300_000),
        new("data against the schema of its type", Expected.Invalid("data.n wrong_type"),
            Create("""{"type":"strict","data":{"n":"x"}}"""), Create(new CreateResourceRequest { Type = "strict", Data = Data("n", Value.ForString("x")) }))
        {
            Given = StrictAsync, NoSocket = NoBatches,
        },
        new("a change against the schema of its type", Expected.Invalid("data.n wrong_type"),
            Rest("PATCH", "/v1/resources/$id", """{"data":{"n":"x"}}"""), Rest("PUT", "/v1/resources/$id", """{"type":"strict","data":{"n":"x"}}"""),
            Call("Resources/Update", w => new UpdateResourceRequest { Id = w["id"], Data = Data("n", Value.ForString("x")) }),
            Call("Resources/Replace", w => new ReplaceResourceRequest { Id = w["id"], Type = "strict", Data = Data("n", Value.ForString("x")) }))
        {
            Given = StrictAsync, NoSocket = NoBatches,
        },
        new("a batch of nothing", Expected.Invalid("operations required"), Batch("{}"), Call("Resources/BatchWrite", new BatchWriteRequest())) { NoSocket = NoBatches },
        new("a batch of too many", Expected.Invalid("operations out_of_range"),
            Batch("{\"operations\":[" + string.Join(',', Enumerable.Repeat("{}", 1001)) + "]}"),
            Call("Resources/BatchWrite", new BatchWriteRequest { Operations = { Enumerable.Repeat(new BatchOperation(), 1001) } })) { NoSocket = NoBatches },
        new("a batch with bad operations", new(422, "batch_failed", "operations[1].id invalid_format; operations[2].op invalid_value; operations[3].data required; operations[3].type invalid_format"),
            Batch("""{"atomic":true,"operations":[{"op":"create","type":"order","data":{}},{"op":"delete","id":"42"},{},{"op":"create","type":"A!"}]}"""),
            Call("Resources/BatchWrite", new BatchWriteRequest
            {
                Atomic = true,
                Operations = { new BatchOperation { Op = "create", Type = "order", Data = new() }, new BatchOperation { Op = "delete", Id = "42" }, new BatchOperation(), new BatchOperation { Op = "create", Type = "A!" } },
            })) { NoSocket = NoBatches },
    ];

    public static RestAsk Batch(string body) => Rest("POST", "/v1/resources:batch", body);

    private static IEnumerable<Rule> Pages(string query, string faults, int? limit = null, string? cursor = null)
    {
        var (resources, history, events) = (new ListResourcesRequest(), new ListResourceHistoryRequest(), new ListEventsRequest());
        if (limit is { } number)
        {
            (resources.Limit, history.Limit, events.Limit) = (number, number, number);
        }

        ListResourceHistoryRequest History(World w) => new(history) { Id = w["id"] };
        if (cursor is null)
        {
            yield return new($"a page with {query}", Expected.Invalid(faults),
                Query("/v1/resources?" + query), Query("/v1/resources/$id/history?" + query), Query("/v1/events?" + query),
                List(resources), Call("Resources/ListHistory", History), List(events)) { Given = PagesAsync, NoSocket = NoPages };
            yield break;
        }

        yield return new($"a page with {query}", Expected.Invalid(faults),
            Query("/v1/resources?" + query), Query("/v1/resources/$id/history?" + query), Query("/v1/events?" + query),
            Call("Resources/List", w => new ListResourcesRequest { Cursor = w.Fill(cursor) }),
            Call("Resources/ListHistory", w => new ListResourceHistoryRequest { Id = w["id"], Cursor = w.Fill(cursor) }),
            Call("Events/List", w => new ListEventsRequest { Cursor = w.Fill(cursor) })) { Given = PagesAsync, NoSocket = NoPages };
    }

    private static Rule Large(string name, int size, int frame) => new(name, new(413, "body_too_large"),
        Create("""{"type":"order","data":{"s":""" + "\"" + new string('x', size) + "\"}}"), Create(new CreateResourceRequest { Type = "order", Data = Data("s", Value.ForString(new string('x', size))) }),
        Call("Events/Watch", new WatchEventsRequest { Types_ = { new string('x', size) } }),
        Frames($$"""{"type":"subscribe","id":"{{new string('x', frame)}}"}""") with { OwnCode = "1009 frame_too_large" });

    private static CreateResourceRequest Labelled(int count) => new() { Type = "order", Data = new(), Labels = { Names(count).ToDictionary(n => n, _ => "") } };

    private static string Nested(int levels) => string.Concat(Enumerable.Repeat("{\"a\":", levels - 1)) + "{}" + new string('}', levels - 1);

    private static Struct NestedData(int levels) => levels == 1 ? new() : Data("a", Value.ForStruct(NestedData(levels - 1)));

    private static Value NestedList(int levels) => levels == 1 ? Value.ForList() : Value.ForList(NestedList(levels - 1));

    private static async Task PagesAsync(World world)
    {
        // A cursor of another list: that of one type only.
        await world.CreateAsync();
        await world.CreateAsync();
        world["cursor"] = (await world.Owner.GetDocumentAsync("/v1/resources?type=order&limit=1"))["next_cursor"].GetString()!;
    }

    private static async Task StrictAsync(World world)
    {
        using var saved = await world.Owner.SaveTypeAsync("strict", """{"type":"object","properties":{"n":{"type":"integer"}}}""");
        Assert.True(saved.IsSuccessStatusCode);
        await world.CreateAsync(type: "strict");
    }
}
