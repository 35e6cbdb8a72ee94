using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Grpc;
using Platform.ServiceDefaults.Tests.Grpc.Wire;
using Platform.Testing;

namespace Platform.ServiceDefaults.Tests.Grpc;

/// <summary>Calls whose answer is a stream.</summary>
public sealed class StreamTests(ProbeFixture probe) : IClassFixture<ProbeFixture>
{
    private const string Count = "/test.v1.Probe/Count";

    [Fact]
    public async Task A_stream_is_messages_and_a_status()
    {
        using var client = probe.Client();
        var answer = await client.CallAsync(Count, new CountRequest { To = 1000 });
        Assert.Equal(0, answer.Status);
        Assert.False(answer.IsTrailersOnly);
        Assert.Equal(Enumerable.Range(1, 1000), answer.Frames.Select(f => ProbeReply.Parser.ParseFrom(f.Message).Number));
        Assert.NotNull(answer.Header("x-request-id"));
        Assert.NotNull(answer.Header("ratelimit"));
    }

    [Fact]
    public async Task A_stream_may_have_no_message()
    {
        using var client = probe.Client();
        var answer = await client.CallAsync(Count, new CountRequest());
        Assert.Equal(0, answer.Status);
        Assert.Empty(answer.Frames);
    }

    [Fact]
    public async Task A_failure_before_the_first_message_is_in_the_headers_and_one_after_it_in_the_trailers()
    {
        using var client = probe.Client();
        var refused = await client.CallAsync(Count, new CountRequest { To = -1 });
        Assert.True(refused.IsTrailersOnly);
        Assert.Equal((int)GrpcCode.InvalidArgument, refused.Status);
        var broken = await client.CallAsync(Count, new CountRequest { To = 13 });
        Assert.False(broken.IsTrailersOnly);
        Assert.Equal(13, broken.Frames.Count);
        Assert.Equal((int)GrpcCode.Unavailable, broken.Status);
        Assert.NotEmpty(broken.Details());
    }

    [Fact]
    public async Task Access_to_a_stream_is_that_of_its_endpoint()
    {
        using var nobody = new GrpcClient(probe.Address);
        Assert.Equal((int)GrpcCode.Unauthenticated, (await nobody.CallAsync(Count, new CountRequest())).Status);
        using var writer = probe.Client(Roles.Owner, Scopes.JobsWrite);
        Assert.Equal((int)GrpcCode.PermissionDenied, (await writer.CallAsync(Count, new CountRequest())).Status);
    }

    [Fact]
    public async Task The_endpoint_is_not_there_for_REST()
    {
        using var client = probe.Service.Client();
        using var response = await client.PostAsync(Count, null);
        Assert.Equal(404, (int)response.StatusCode);
        Assert.Contains("route_not_found", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_consumer_that_does_not_read_holds_its_stream_up()
    {
        using var client = probe.Client();
        var before = probe.Counted;
        using var stream = await client.OpenAsync(Count, [GrpcClient.Frame(new CountRequest { To = 20_000, Size = 10_000 })]);

        // 200 MB are to come; what is sent is a few windows, and then nothing until somebody reads.
        var held = 0;
        await Eventually.IsTrueAsync(async () =>
        {
            held = probe.Counted;
            await Task.Delay(200);
            return held > before && probe.Counted == held;
        }, "the stream to be held up");
        Assert.InRange(held - before, 1, 4000);
        var answer = await stream.AllAsync();
        Assert.Equal(20_000, answer.Frames.Count);
        Assert.Equal(0, answer.Status);
    }

    [Fact]
    public async Task A_consumer_that_never_reads_is_cut()
    {
        await using var service = await probe.StartAsync(("Grpc:StallTimeout", "00:00:02"));
        probe.CountEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using var client = new GrpcClient(service.GrpcAddress, TestAuthenticator.Token(Contracts.Identifiers.TypeId.New(TimeProvider.System)));
        using var stream = await client.OpenAsync(Count, [GrpcClient.Frame(new CountRequest { To = 20_000, Size = 10_000 })]);
        Assert.True(await probe.CountEnded.Task.WaitAsync(TimeSpan.FromSeconds(60)) < 20_000);
        await Assert.ThrowsAnyAsync<Exception>(stream.AllAsync);
    }

    [Fact]
    public async Task A_deadline_ends_a_stream()
    {
        using var client = probe.Client();
        using var stream = await client.OpenAsync("/grpc.health.v1.Health/Watch", [GrpcClient.Frame([])], default, ("grpc-timeout", "300m"));
        var answer = await stream.AllAsync();
        Assert.Single(answer.Frames);
        Assert.Equal((int)GrpcCode.DeadlineExceeded, answer.Status);
    }

    [Fact]
    public async Task A_server_that_stops_ends_its_streams_and_finishes_its_calls()
    {
        var service = await probe.StartAsync();
        using var client = new GrpcClient(service.GrpcAddress);
        using var stream = await client.OpenAsync("/grpc.health.v1.Health/Watch", [GrpcClient.Frame([])]);
        Assert.NotNull(await stream.ReadAsync());
        var end = stream.AllAsync();
        await service.DisposeAsync();
        var answer = await end.WaitAsync(Eventually.Deadline);
        Assert.Equal((int)GrpcCode.Unavailable, answer.Status);
    }
}
