using Google.Protobuf.WellKnownTypes;
using Platform.Contracts.Protos.V1;
using static Platform.CoreApi.Tests.Parity.Ways;

namespace Platform.CoreApi.Tests.Parity;

/// <summary>Once and only once, and only upon what the caller has seen.</summary>
internal static class WriteRules
{
    private const string NoWrites = "nothing is written over the WebSocket";
    private const string Full = """{"type":"order","data":{"n":1,"d":0.1,"big":-12345678901,"s":"ä\"\u2028","l":[true,null,{"x":{}}]},"labels":{"b":"2","a":"1"}}""";
    private static readonly (string, string) Key = ("Idempotency-Key", "k 1");
    private static readonly Expected Again = new(200) { Replayed = true, Effects = 1, Note = "the same" };

    private static CreateResourceRequest FullMessage => new()
    {
        Type = "order", Labels = { ["a"] = "1", ["b"] = "2" },
        Data = Struct.Parser.ParseJson("""{"l":[true,null,{"x":{}}],"s":"ä\"\u2028","big":-12345678901,"d":0.1,"n":1}"""),
    };

    public static IEnumerable<Rule> All =>
    [
        new("a resource is made", Expected.Created with { Note = "\"1\"" }, Create(Order), Create(OrderMessage)) { NoSocket = NoWrites },
        new("a resource is read with its version", Expected.Ok with { Note = "\"1\"" },
            Get("/v1/resources/$id"), Call("Resources/Get", w => new GetResourceRequest { Id = w["id"] })) { Given = w => w.CreateAsync(), NoSocket = NoWrites },
        new("the same key twice is one effect, on whatever transport", Again,
            Create(Full, Key).Then(Create(Full, Key)), Create(FullMessage, Key).Then(Create(FullMessage, Key)),
            Create(Full, Key).Then(Create(FullMessage, Key)), Create(FullMessage, Key).Then(Create(Full, Key))) { NoSocket = NoWrites },
        new("the same change twice is one effect, on whatever transport", new(200) { Replayed = true, Effects = 1, Note = "\"2\"" },
            Patch.Then(Patch), PatchMessage.Then(PatchMessage), Patch.Then(PatchMessage), PatchMessage.Then(Patch)) { Given = w => w.CreateAsync(), NoSocket = NoWrites },
        new("numbers that are written otherwise than a message has them are another request", new(422, "idempotency_key_reused") { Effects = 1 },
            Create("""{"type":"order","data":{"n":1.0}}""", Key).Then(Create(OrderMessage, Key)), Create(OrderMessage, Key).Then(Create("""{"type":"order","data":{"n":1.0}}""", Key)),
            Create("""{"type":"order","data":{"n":1.0}}""", Key).Then(Create(Order, Key))) { NoSocket = NoWrites },
        new("a key that was used for something else", new(422, "idempotency_key_reused") { Effects = 1 },
            Create(Full, Key).Then(Create(Order, Key)), Create(FullMessage, Key).Then(Create(OrderMessage, Key)),
            Create(Full, Key).Then(Create(OrderMessage, Key)), Create(FullMessage, Key).Then(Create(Order, Key))) { NoSocket = NoWrites },
        .. new[] { new string('k', 256), "" }.Select(key => new Rule($"a key of {key.Length} characters", Expected.Invalid("idempotency-key invalid_idempotency_key"),
            Create(Order, ("Idempotency-Key", key)), Create(OrderMessage, ("idempotency-key", key))) { NoSocket = NoWrites }),
        new("upon another version", new(412, "version_mismatch"),
            Rest("PATCH", "/v1/resources/$id", """{"data":{}}""", ("If-Match", "\"7\"")), Rest("PUT", "/v1/resources/$id", Order, ("If-Match", "\"7\"")),
            Rest("DELETE", "/v1/resources/$id", null, ("If-Match", "\"7\"")), Rest("POST", "/v1/resources/$id:restore", """{"version":1}""", ("If-Match", "\"7\"")),
            Call("Resources/Update", w => new UpdateResourceRequest { Id = w["id"], IfVersion = 7, Data = new() }),
            Call("Resources/Replace", w => new ReplaceResourceRequest { Id = w["id"], IfVersion = 7, Type = "order", Data = new() }),
            Call("Resources/Delete", w => new DeleteResourceRequest { Id = w["id"], IfVersion = 7 }),
            Call("Resources/Restore", w => new RestoreResourceRequest { Id = w["id"], IfVersion = 7, Version = 1 })) { Given = w => w.CreateAsync(), NoSocket = NoWrites },
        new("upon the version that was seen", Expected.Ok with { Effects = 1, Note = "\"2\"" },
            Rest("PATCH", "/v1/resources/$id", """{"data":{"m":1}}""", ("If-Match", "\"1\"")),
            Call("Resources/Update", w => new UpdateResourceRequest { Id = w["id"], IfVersion = 1, Data = Data("m", Value.ForNumber(1)) })) { Given = w => w.CreateAsync(), NoSocket = NoWrites },
        new("another type than it has", Expected.Invalid("type immutable"),
            Rest("PUT", "/v1/resources/$id", """{"type":"other","data":{}}"""),
            Call("Resources/Replace", w => new ReplaceResourceRequest { Id = w["id"], Type = "other", Data = new() })) { Given = w => w.CreateAsync(), NoSocket = NoWrites },
        new("a version that was not", Expected.NotFound, Rest("POST", "/v1/resources/$id:restore", """{"version":5}"""), Get("/v1/resources/$id/history/5"),
            Call("Resources/Restore", w => new RestoreResourceRequest { Id = w["id"], Version = 5 }),
            Call("Resources/GetVersion", w => new GetResourceVersionRequest { Id = w["id"], Version = 5 })) { Given = w => w.CreateAsync(), NoSocket = NoWrites },
        new("an atomic batch that the state refuses", new(409, "batch_failed", "operations[1] version_mismatch; operations[2] not_found"),
            InputRules.Batch("""
                {"atomic":true,"operations":[{"op":"create","type":"order","data":{}},{"op":"patch","id":"$id","data":{},"if_version":9},
                {"op":"delete","id":"res_01h455vb4pex5vsknk084sn02q"}]}
                """), Call("Resources/BatchWrite", w => Operations(w, atomic: true))) { Given = w => w.CreateAsync(), NoSocket = NoWrites },
        new("a batch of which a part is refused", Expected.Ok with { Effects = 1 },
            InputRules.Batch("""
                {"operations":[{"op":"create","type":"order","data":{}},{"op":"patch","id":"$id","data":{},"if_version":9},
                {"op":"delete","id":"res_01h455vb4pex5vsknk084sn02q"}]}
                """), Call("Resources/BatchWrite", w => Operations(w, atomic: false))) { Given = w => w.CreateAsync(), NoSocket = NoWrites },
    ];

    private static RestAsk Patch => Rest("PATCH", "/v1/resources/$id", """{"data":{"n":null,"m":2}}""", Key, ("If-Match", "\"1\""));

    private static GrpcAsk PatchMessage =>
        Call("Resources/Update", w => new UpdateResourceRequest { Id = w["id"], IfVersion = 1, Data = Struct.Parser.ParseJson("""{"n":null,"m":2}""") }, Key);

    private static BatchWriteRequest Operations(World world, bool atomic) => new()
    {
        Atomic = atomic,
        Operations =
        {
            new BatchOperation { Op = "create", Type = "order", Data = new() },
            new BatchOperation { Op = "patch", Id = world["id"], Data = new(), IfVersion = 9 },
            new BatchOperation { Op = "delete", Id = "res_01h455vb4pex5vsknk084sn02q" },
        },
    };
}
