using System.Diagnostics;
using Google.Protobuf.WellKnownTypes;
using Platform.Contracts.Identifiers;
using Platform.Contracts.Protos.V1;
using Platform.CoreApi.Tests.Feed;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Grpc;
using Platform.Testing;

namespace Platform.CoreApi.Tests.Grpc;

/// <summary>Streams of gRPC over the feed, and writes whose deadline passes.</summary>
public sealed class WatchTests(CoreApiFixture fixture) : IClassFixture<CoreApiFixture>
{
    private const string Watch = "/platform.v1.Resources/Watch";
    private const string Create = "/platform.v1.Resources/Create";

    [Fact]
    public async Task A_watch_begins_with_its_place_and_tells_what_happens_to_its_own_tenant()
    {
        using var client = Client(out _);
        using var other = Client(out _);
        using var stream = await client.OpenAsync(Watch, [GrpcClient.Frame(new WatchResourcesRequest { Types_ = { "order" } })]);
        var first = await NextAsync(stream);
        Assert.Equal(WatchResourcesResponse.ItemOneofCase.None, first.ItemCase);
        Assert.Equal(0L, first.Position);

        await CreatedAsync(other, "order");
        await CreatedAsync(client, "another");
        var made = await CreatedAsync(client, "order");
        var change = await NextAsync(stream);
        Assert.Equal(("resource.created", made.Id), (change.Change.EventType, change.Change.Resource.Id));
        Assert.InRange(change.Position, 1, 2);
        Assert.Equal(made, change.Change.Resource);
    }

    [Fact]
    public async Task A_watch_goes_on_after_a_position()
    {
        using var client = Client(out _);
        for (var i = 0; i < 5; i++)
        {
            await CreatedAsync(client, "order");
        }

        using var stream = await client.OpenAsync("/platform.v1.Events/Watch", [GrpcClient.Frame(new WatchEventsRequest { After = 0 })]);
        await stream.ReadAsync();
        for (var position = 1L; position <= 5; position++)
        {
            var message = WatchEventsResponse.Parser.ParseFrom((await stream.ReadAsync().WaitAsync(Eventually.Deadline))!.Value.Message);
            Assert.Equal((position, position), (message.Position, message.Event.Position));
        }

        using var resumed = await client.OpenAsync("/platform.v1.Events/Watch", [GrpcClient.Frame(new WatchEventsRequest { After = 3 })]);
        await resumed.ReadAsync();
        Assert.Equal(4L, WatchEventsResponse.Parser.ParseFrom((await resumed.ReadAsync().WaitAsync(Eventually.Deadline))!.Value.Message).Event.Position);
    }

    [Fact]
    public async Task Bad_input_is_refused_with_its_place()
    {
        using var client = Client(out _);
        var events = await client.CallAsync("/platform.v1.Events/Watch", new WatchEventsRequest { Types_ = { "ok.*", "no pattern" }, After = -1 });
        Assert.Equal((int)GrpcCode.InvalidArgument, events.Status);
        Assert.Equal(["after", "types[1]"], Fields(events));
        var beyond = await client.CallAsync(Watch, new WatchResourcesRequest { After = 1000 });
        Assert.Equal((int)GrpcCode.InvalidArgument, beyond.Status);
        using var writer = Client(out _, Scopes.ResourcesWrite);
        Assert.Equal((int)GrpcCode.PermissionDenied, (await writer.CallAsync(Watch, new WatchResourcesRequest())).Status);
    }

    [Fact]
    public async Task A_consumer_that_does_not_read_is_reset()
    {
        await using var service = await TestService.StartAsync(
            "core", s => s.AddCoreApi(), a => a.MapCoreApi(), settings: [("Feed:SlowClientTimeout", "00:00:01")]);
        var tenant = TypeId.New(TimeProvider.System);
        using var client = new GrpcClient(service.GrpcAddress, TestAuthenticator.Token(tenant));
        using var writer = new GrpcClient(service.GrpcAddress, TestAuthenticator.Token(tenant));
        using var stream = await client.OpenAsync(Watch, [GrpcClient.Frame(new WatchResourcesRequest())]);
        for (var i = 0; i < 10; i++)
        {
            var answer = await writer.CallAsync(Create, new CreateResourceRequest
            {
                Type = "large", Data = new() { Fields = { ["x"] = Value.ForString(new string('x', 200_000)) } },
            });
            Assert.Equal(0, answer.Status);
        }

        // Nobody reads until the server has had enough. What was sent before is still there; the end is not.
        await Eventually.IsTrueAsync(() => IsSlowCounted(service), "the slow consumer to be cut");
        var cut = await Assert.ThrowsAnyAsync<Exception>(stream.AllAsync);
        var protocol = cut as HttpProtocolException ?? cut.InnerException as HttpProtocolException;
        Assert.Equal(0xb, protocol?.ErrorCode);
    }

    [Fact]
    public async Task A_key_that_is_revoked_ends_a_watch_within_seconds()
    {
        await using var service = await FeedKeys.StartAsync();
        var tenant = TypeId.New(TimeProvider.System);
        var key = await FeedKeys.AddAsync(service, tenant);
        using var client = new GrpcClient(service.GrpcAddress, key.Text);
        using var events = await client.OpenAsync("/platform.v1.Events/Watch", [GrpcClient.Frame(new WatchEventsRequest())]);
        using var resources = await client.OpenAsync(Watch, [GrpcClient.Frame(new WatchResourcesRequest())]);
        await events.ReadAsync();
        await resources.ReadAsync();

        var started = Stopwatch.GetTimestamp();
        await service.Database.ExecuteAsync($"UPDATE core.known_key SET revoked_at = now() WHERE key_id = '{key.Id}'");
        foreach (var stream in new[] { events, resources })
        {
            Assert.Equal((int)GrpcCode.Unauthenticated, (await stream.AllAsync().WaitAsync(Eventually.Deadline)).Status);
        }

        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(15));
        Assert.Equal((int)GrpcCode.Unauthenticated, (await client.CallAsync(Watch, new WatchResourcesRequest())).Status);
    }

    [Fact]
    public async Task A_server_that_stops_ends_a_watch_as_unavailable()
    {
        var service = await CoreApiFixture.StartAsync();
        using var client = new GrpcClient(service.GrpcAddress, TestAuthenticator.Token(TypeId.New(TimeProvider.System)));
        using var stream = await client.OpenAsync(Watch, [GrpcClient.Frame(new WatchResourcesRequest())]);
        await stream.ReadAsync();
        var end = stream.AllAsync();
        await service.DisposeAsync();
        Assert.Equal((int)GrpcCode.Unavailable, (await end.WaitAsync(Eventually.Deadline)).Status);
    }

    [Fact]
    public async Task A_write_whose_deadline_passes_is_done_once()
    {
        using var client = Client(out var tenant);
        for (var i = 0; i < 40; i++)
        {
            var request = new CreateResourceRequest { Type = "once", Data = new() };
            await client.CallAsync(Create, request, ("idempotency-key", $"k{i}"), ("grpc-timeout", $"{i * 250}u"));
            var again = await client.CallAsync(Create, request, ("idempotency-key", $"k{i}"));
            Assert.Equal(0, again.Status);
        }

        using var rest = fixture.Service.Client(tenant);
        var list = await rest.GetDocumentAsync("/v1/resources?type=once&limit=200");
        Assert.Equal(40, list["data"].GetArrayLength());
    }

    private GrpcClient Client(out Guid tenant, params string[] scopes)
    {
        tenant = TypeId.New(TimeProvider.System);
        return new(fixture.Service.GrpcAddress, TestAuthenticator.Token(tenant, Roles.Owner, scopes));
    }

    private static async Task<Resource> CreatedAsync(GrpcClient client, string type)
    {
        var answer = await client.CallAsync(Create, new CreateResourceRequest { Type = type, Data = new() { Fields = { ["n"] = Value.ForNumber(1) } } });
        Assert.Equal(0, answer.Status);
        return answer.Only(Resource.Parser);
    }

    private static async Task<WatchResourcesResponse> NextAsync(GrpcStream stream) =>
        WatchResourcesResponse.Parser.ParseFrom((await stream.ReadAsync().WaitAsync(Eventually.Deadline))!.Value.Message);

    private static IEnumerable<string> Fields(GrpcAnswer answer) => Contracts.Protos.Rpc.Status.Parser.ParseFrom(answer.Details()).Details
        .Where(d => d.Is(Contracts.Protos.Rpc.BadRequest.Descriptor))
        .SelectMany(d => d.Unpack<Contracts.Protos.Rpc.BadRequest>().FieldViolations).Select(v => v.Field).Order(StringComparer.Ordinal);

    private static async Task<bool> IsSlowCounted(TestService service)
    {
        using var client = new HttpClient { BaseAddress = service.BaseAddress };
        return (await client.GetStringAsync("/metrics")).Split('\n').Any(l => l.Contains("slow", StringComparison.Ordinal) && l.Contains("grpc", StringComparison.Ordinal));
    }
}
