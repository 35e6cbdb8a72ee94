using Google.Protobuf;
using Google.Protobuf.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Platform.Contracts.Protos.Health;
using Platform.Contracts.Protos.Reflection;
using Platform.ServiceDefaults.Grpc;
using Platform.ServiceDefaults.Health;
using Platform.Testing;
using static Platform.Contracts.Protos.Health.HealthCheckResponse.Types;

namespace Platform.ServiceDefaults.Tests.Grpc;

/// <summary>grpc.health.v1 and grpc.reflection.</summary>
public sealed class StandardServicesTests(ProbeFixture probe) : IClassFixture<ProbeFixture>
{
    private const string Check = "/grpc.health.v1.Health/Check";

    [Theory]
    [InlineData("")]
    [InlineData("test.v1.Probe")]
    [InlineData("grpc.health.v1.Health")]
    public async Task A_service_that_is_there_serves(string service)
    {
        using var client = new GrpcClient(probe.Address);
        var answer = await client.CallAsync(Check, new HealthCheckRequest { Service = service });
        Assert.Equal(ServingStatus.Serving, answer.Only(HealthCheckResponse.Parser).Status);
    }

    [Fact]
    public async Task A_service_that_is_not_there_is_not_found_and_unknown_to_those_who_watch()
    {
        using var client = new GrpcClient(probe.Address);
        Assert.Equal((int)GrpcCode.NotFound, (await client.CallAsync(Check, new HealthCheckRequest { Service = "nobody" })).Status);
        var watch = await client.CallAsync("/grpc.health.v1.Health/Watch", new HealthCheckRequest { Service = "nobody" }, ("grpc-timeout", "200m"));
        Assert.Equal(ServingStatus.ServiceUnknown, watch.Only(HealthCheckResponse.Parser).Status);
        Assert.Equal((int)GrpcCode.DeadlineExceeded, watch.Status);
    }

    [Fact]
    public async Task Health_that_changes_is_told()
    {
        var check = new SwitchedCheck();
        await using var service = await SampleService.StartAsync(
            _ => { }, s => s.AddSingleton<IReadinessCheck>(check), settings: [("Grpc:HealthPoll", "00:00:00.020")]);
        using var client = new GrpcClient(service.GrpcAddress);
        using var stream = await client.OpenAsync("/grpc.health.v1.Health/Watch", [GrpcClient.Frame(new HealthCheckRequest())]);
        async Task<ServingStatus> Next() =>
            HealthCheckResponse.Parser.ParseFrom((await stream.ReadAsync().WaitAsync(Eventually.Deadline))!.Value.Message).Status;

        Assert.Equal(ServingStatus.Serving, await Next());
        check.WhyNot = "broken";
        Assert.Equal(ServingStatus.NotServing, await Next());
        var answer = await client.CallAsync(Check, new HealthCheckRequest());
        Assert.Equal(ServingStatus.NotServing, answer.Only(HealthCheckResponse.Parser).Status);
        check.WhyNot = null;
        Assert.Equal(ServingStatus.Serving, await Next());
    }

    [Fact]
    public async Task Streams_without_a_key_are_counted()
    {
        await using var service = await probe.StartAsync(("Grpc:MaxOpenStreams", "2"));
        using var client = new GrpcClient(service.GrpcAddress);
        const string watch = "/grpc.health.v1.Health/Watch";
        using (var first = await client.OpenAsync(watch, [GrpcClient.Frame([])]))
        using (var second = await client.OpenAsync(watch, [GrpcClient.Frame([])]))
        {
            Assert.NotNull(await first.ReadAsync());
            Assert.NotNull(await second.ReadAsync());
            Assert.Equal((int)GrpcCode.ResourceExhausted, (await client.CallAsync(watch, new HealthCheckRequest())).Status);
        }

        // Those who have gone are counted no more.
        await Eventually.IsTrueAsync(async () =>
        {
            using var next = await client.OpenAsync(watch, [GrpcClient.Frame([])]);
            return await next.ReadAsync() is not null;
        }, "room for a stream");
    }

    [Theory]
    [InlineData("v1")]
    [InlineData("v1alpha")]
    public async Task Reflection_lists_the_services_and_hands_out_their_files(string version)
    {
        var answers = await AskAsync(version,
            new() { Host = "here", ListServices = "" },
            new() { FileContainingSymbol = "test.v1.Probe" },
            new() { FileContainingSymbol = "test.v1.Probe.Echo" },
            new() { FileByFilename = "google/rpc/error_details.proto" },
            new() { FileContainingSymbol = "no.such.Symbol" },
            new() { FileContainingExtension = new() { ContainingType = "test.v1.ProbeRequest", ExtensionNumber = 1 } },
            new() { AllExtensionNumbersOfType = "test.v1.ProbeRequest" },
            new());

        Assert.Equal("here", answers[0].ValidHost);
        Assert.Equal(
            ["grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection", "test.v1.Probe"],
            answers[0].ListServicesResponse.Service.Select(s => s.Name));
        var names = answers[1].FileDescriptorResponse.FileDescriptorProto.Select(f => FileDescriptorProto.Parser.ParseFrom(f).Name);
        Assert.Equal(["probe.proto", "google/protobuf/struct.proto", "google/protobuf/timestamp.proto"], names);
        Assert.Equal(answers[1].FileDescriptorResponse, answers[2].FileDescriptorResponse);
        Assert.Equal(2, answers[3].FileDescriptorResponse.FileDescriptorProto.Count);
        Assert.Equal((int)GrpcCode.NotFound, answers[4].ErrorResponse.ErrorCode);
        Assert.Equal("no.such.Symbol", answers[4].OriginalRequest.FileContainingSymbol);
        Assert.Equal((int)GrpcCode.NotFound, answers[5].ErrorResponse.ErrorCode);
        Assert.Empty(answers[6].AllExtensionNumbersResponse.ExtensionNumber);
        Assert.Equal((int)GrpcCode.InvalidArgument, answers[7].ErrorResponse.ErrorCode);
    }

    private async Task<IReadOnlyList<ServerReflectionResponse>> AskAsync(string version, params ServerReflectionRequest[] questions)
    {
        using var client = new GrpcClient(probe.Address);
        var answer = await client.SendAsync($"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo", [.. questions.Select(q => GrpcClient.Frame(q))]);
        Assert.Equal(0, answer.Status);
        return [.. answer.Frames.Select(f => ServerReflectionResponse.Parser.ParseFrom(f.Message))];
    }

    private sealed class SwitchedCheck : IReadinessCheck
    {
        public string? WhyNot { get; set; }
        public string Name => "switched";

        public Task<string?> WhyNotAsync(CancellationToken cancellationToken) => Task.FromResult(WhyNot);
    }
}
