using Platform.Contracts.Identifiers;
using Platform.Contracts.Protos.V1;
using Platform.ServiceDefaults.Authentication.Keys;
using static Platform.CoreApi.Tests.Parity.Ways;

namespace Platform.CoreApi.Tests.Parity;

/// <summary>Who may ask at all, and for what.</summary>
internal static class AccessRules
{
    private const string None = "res_01h455vb4pex5vsknk084sn02q";
    private const string NoResources = "resources are neither read nor written over the WebSocket";

    private static readonly Ask[] Reads =
    [
        Get("/v1/resources"), Get("/v1/events/stream"), Get("/v1/events"), Call("Resources/List", new ListResourcesRequest()),
        Call("Resources/Watch", new WatchResourcesRequest()), Call("Events/Watch", new WatchEventsRequest()), Frames(),
    ];

    private static readonly Ask[] Creations = [Create(Order), Create(OrderMessage)];

    public static IEnumerable<Rule> All =>
    [
        Refused("no key", Expected.Unauthenticated, w => w.Authorization = null),
        Refused("another scheme", Expected.Unauthenticated, w => w.Authorization = "Basic eDp5"),
        Refused("a malformed key", Expected.Unauthenticated, w => w.Authorization = "Bearer pk_test_nonsense"),

        // Few asks: a key that is not known yet is waited for.
        new("a key that nobody has", Expected.Unauthenticated, Get("/v1/resources"), Create(OrderMessage), Frames()) { Given = UnknownAsync },
        Refused("a revoked key", Expected.Unauthenticated, w => w.UseKeyAsync(revoked: "now()")),
        Refused("an expired key", Expected.Unauthenticated, w => w.UseKeyAsync(expires: "now() - interval '1 second'")),
        Refused("a key for something else", Expected.Forbidden, w => w.UseKeyAsync(scopes: "jobs.read,jobs.write")),
        new("a viewer reads", Expected.Ok, Reads) { Given = w => w.UseKeyAsync(role: "viewer") },
        new("a viewer does not write", Expected.Forbidden, [.. Creations, .. Changes]) { Given = ViewerAsync, NoSocket = NoResources },
        new("a reader does not write", Expected.Forbidden, [.. Creations, .. Changes]) { Given = ReaderAsync, NoSocket = NoResources },
        new("a writer does not read", Expected.Forbidden, Reads) { Given = w => w.UseKeyAsync(scopes: "resources.write") },
        new("what is another's is not there", Expected.NotFound, [.. Changes, .. ReadsOfOne]) { Given = AnothersAsync, NoSocket = NoResources },
        new("what is not there", Expected.NotFound, [.. Changes, .. ReadsOfOne]) { Given = w => Named(w, None), NoSocket = NoResources },
        new("what is no id", Expected.NotFound, [.. Changes, .. ReadsOfOne]) { Given = w => Named(w, "42"), NoSocket = NoResources },
        new("what is the id of something else", Expected.NotFound, [.. Changes, .. ReadsOfOne]) { Given = w => Named(w, "job" + None[3..]), NoSocket = NoResources },
        new("an event that is not there", Expected.NotFound, Get("/v1/events/evt" + None[3..]), Call("Events/Get", new GetEventRequest { Id = "evt" + None[3..] }))
        {
            NoSocket = "a frame names no event",
        },
        new("so many requests and no more", new(429, "rate_limited") { Retry = true, Effects = 0 },
            Get("/v1/resources").Then(Get("/v1/resources")).Then(Get("/v1/resources")),
            Get("/v1/resources").Then(Call("Resources/List", new ListResourcesRequest())).Then(Call("Resources/List", new ListResourcesRequest())),
            Call("Resources/List", new ListResourcesRequest()).Then(Call("Events/List", new ListEventsRequest())).Then(Get("/v1/events")),
            Get("/v1/resources").Then(Call("Resources/List", new ListResourcesRequest())).Then(Call("Events/Watch", new WatchEventsRequest())),
            Frames().Then(Call("Resources/List", new ListResourcesRequest())).Then(Frames()),
            Frames().Then(Get("/v1/events/stream")).Then(Get("/v1/events/stream"))) { Given = w => w.UseKeyAsync(rateLimit: "2") },
        new("so many streams and no more", new(429, "too_many_streams") { Retry = true },
            Get("/v1/events/stream"), Call("Events/Watch", new WatchEventsRequest()), Call("Resources/Watch", new WatchResourcesRequest()), Frames())
        {
            Given = ListeningAsync,
        },
    ];

    private static Ask[] Changes =>
    [
        Rest("PUT", "/v1/resources/$id", Order), Rest("PATCH", "/v1/resources/$id", """{"data":{}}"""), Rest("DELETE", "/v1/resources/$id", null),
        Rest("POST", "/v1/resources/$id:restore", """{"version":1}"""),
        Call("Resources/Replace", w => new ReplaceResourceRequest { Id = w["id"], Type = "order", Data = new() }),
        Call("Resources/Update", w => new UpdateResourceRequest { Id = w["id"], Data = new() }), Call("Resources/Delete", w => new DeleteResourceRequest { Id = w["id"] }),
        Call("Resources/Restore", w => new RestoreResourceRequest { Id = w["id"], Version = 1 }),
    ];

    private static Ask[] ReadsOfOne =>
    [
        Get("/v1/resources/$id"), Get("/v1/resources/$id/history"), Get("/v1/resources/$id/history/1"),
        Call("Resources/Get", w => new GetResourceRequest { Id = w["id"] }), Call("Resources/ListHistory", w => new ListResourceHistoryRequest { Id = w["id"] }),
        Call("Resources/GetVersion", w => new GetResourceVersionRequest { Id = w["id"], Version = 1 }),
    ];

    private static Rule Refused(string name, Expected expected, Func<World, Task> given) => new(name, expected, [.. Reads, .. Creations]) { Given = given };

    private static Rule Refused(string name, Expected expected, Action<World> given) => Refused(name, expected, w =>
    {
        given(w);
        return Task.CompletedTask;
    });

    private static async Task ViewerAsync(World world)
    {
        await world.CreateAsync();
        await world.UseKeyAsync(role: "viewer");
    }

    private static async Task ReaderAsync(World world)
    {
        await world.CreateAsync();
        await world.UseKeyAsync(scopes: "resources.read,events.read");
    }

    private static async Task AnothersAsync(World world)
    {
        using var other = await World.CreateAsync(world.Service);
        await other.CreateAsync();
        world["id"] = other["id"];
    }

    private static Task UnknownAsync(World world)
    {
        world.Authorization = "Bearer " + ApiKeyText.Create("test", TypeId.New(TimeProvider.System));
        return Task.CompletedTask;
    }

    private static Task Named(World world, string id)
    {
        world["id"] = id;
        return Task.CompletedTask;
    }

    private static async Task ListeningAsync(World world)
    {
        for (var i = 0; i < ParityFixture.MaxStreams; i++)
        {
            world.Open.Add(await Feed.SseClient.OpenAsync(world.Owner));
        }
    }
}
