using Google.Protobuf.WellKnownTypes;
using Platform.Contracts.Protos.Rpc;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Grpc;
using Platform.ServiceDefaults.Grpc.Transcoding;
using Platform.ServiceDefaults.Tests.Grpc.Wire;
using Platform.Testing;

namespace Platform.ServiceDefaults.Tests.Grpc;

/// <summary>Messages to requests, answers to messages, problems to statuses.</summary>
public sealed class MappingTests(ProbeFixture probe) : IClassFixture<ProbeFixture>
{
    [Fact]
    public async Task Every_kind_of_field_becomes_JSON_and_comes_back()
    {
        using var client = probe.Client();
        var request = new ProbeRequest
        {
            Id = "a",
            Data = Struct.Parser.ParseJson("""{"n":1,"d":1.5,"s":"ä\"","z":null,"l":[true,{"x":{}}],"e":{}}"""),
            At = new Timestamp { Seconds = 1_700_000_000, Nanos = 123_456_000 },
            Big = 9_007_199_254_740_993,
            Flag = false,
            Any = Value.ForList(Value.ForNumber(-0.25), Value.ForNull()),
            Items = { new Nested { Name = "n", Ratio = 0, Data = new Struct() }, new Nested() },
            Labels = { ["k"] = "v" },
            Clear = { "gone" },
        };
        var reply = (await client.CallAsync(ProbeFixture.Echo, request)).Only(ProbeReply.Parser);
        Assert.Equal(
            """{"data":{"n":1,"d":1.5,"s":"ä\"","z":null,"l":[true,{"x":{}}],"e":{}},"labels":{"k":"v"},"at":"2023-11-14T22:13:20.123456Z"}"""[..^1]
            + ""","big":9007199254740993,"flag":false,"items":[{"name":"n","ratio":0,"data":{}},{}],"any":[-0.25,null],"gone":null}""", reply.Text);
        Assert.Equal(request.Data, reply.Data);
        Assert.Equal(request.Labels, reply.Labels);
        Assert.Equal(request.At, reply.At);
        Assert.Equal(request.Big, reply.Big);
        Assert.Equal(request.Items, reply.Items);
        Assert.Equal(request.Any, reply.Any);
    }

    [Fact]
    public async Task What_is_not_set_is_left_out()
    {
        using var client = probe.Client();
        Assert.Equal("{}", (await client.CallAsync(ProbeFixture.Echo, new ProbeRequest { Id = "a" })).Only(ProbeReply.Parser).Text);
    }

    [Fact]
    public async Task A_query_is_escaped()
    {
        using var client = probe.Client();
        var request = new FindRequest { Limit = 0, Labels = { ["a b"] = "c&d" }, Fields = { "x", "y" }, After = new() { Seconds = 0 }, Text = "", Types_ = { "a,b", "c" } };
        var reply = (await client.CallAsync("/test.v1.Probe/Find", request)).Only(ProbeReply.Parser);
        Assert.Equal("?limit=0&label=a%20b%3Ac%26d&fields=x%2Cy&after=1970-01-01T00%3A00%3A00.000000Z&text=&type=a%2Cb&type=c", reply.Text);
        Assert.Equal("", (await client.CallAsync("/test.v1.Probe/Find", new FindRequest())).Only(ProbeReply.Parser).Text);
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData("a:slow")]
    [InlineData("a:odd")]
    [InlineData("%2e")]
    [InlineData("ä")]
    public async Task An_id_cannot_reach_another_route(string id)
    {
        using var client = probe.Client();
        var answer = await client.CallAsync(ProbeFixture.Echo, new ProbeRequest { Id = id });
        Assert.Equal(0, answer.Status);
        Assert.Equal(id == ".." ? "/probe/.." : "/probe/-", answer.Header("location"));
    }

    [Fact]
    public async Task An_empty_id_is_a_fault_of_the_input()
    {
        using var client = probe.Client();
        var answer = await client.CallAsync(ProbeFixture.Echo, new ProbeRequest());
        Assert.Equal((int)GrpcCode.InvalidArgument, answer.Status);
        Assert.Equal("id", Assert.Single(Detail(answer, BadRequest.Parser)!.FieldViolations).Field);
    }

    [Fact]
    public async Task What_JSON_has_no_words_for_is_a_fault_of_the_input()
    {
        using var client = probe.Client();
        async Task<string> FieldOf(ProbeRequest request)
        {
            var answer = await client.CallAsync(ProbeFixture.Echo, request);
            Assert.Equal((int)GrpcCode.InvalidArgument, answer.Status);
            return Assert.Single(Detail(answer, BadRequest.Parser)!.FieldViolations).Field;
        }

        Assert.Equal("data", await FieldOf(new() { Id = "a", Data = new() { Fields = { ["x"] = Value.ForNumber(double.NaN) } } }));
        Assert.Equal("items[1].ratio", await FieldOf(new() { Id = "a", Items = { new Nested(), new Nested { Ratio = double.PositiveInfinity } } }));
        Assert.Equal("at", await FieldOf(new() { Id = "a", At = new() { Seconds = long.MaxValue } }));
        Assert.Equal("at", await FieldOf(new() { Id = "a", At = new() { Nanos = -1 } }));

        // A value without a kind: a null.
        var reply = (await client.CallAsync(ProbeFixture.Echo, new ProbeRequest { Id = "a", Any = new Value() })).Only(ProbeReply.Parser);
        Assert.Equal("""{"any":null}""", reply.Text);
    }

    [Theory]
    [InlineData("""{"text":"t","new_field":{"a":[1]},"labels":null,"data":null,"items":null}""", "t")]
    [InlineData("""{"text":5,"labels":[1,{"a":2}],"data":[1],"at":"yesterday","big":1.5,"flag":"yes","items":{"a":1},"number":9999999999,"blob":"!"}""", "")]
    [InlineData("""{"labels":{"a":1,"b":"c","d":{"e":"f"}},"items":[null,5,{"name":null,"ratio":"x"}],"any":null,"text":"t"}""", "t")]
    [InlineData("""{"data":{"big":1e400,"deep":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]},"text":"t"}""", "t")]
    [InlineData("null", "")]
    [InlineData("[1,2]", "")]
    [InlineData("\"text\"", "")]
    [InlineData("{}", "")]
    [InlineData("", "")]
    public async Task An_odd_answer_is_taken_as_far_as_it_goes(string body, string text)
    {
        using var client = probe.Client();
        (probe.OddBody, probe.OddStatus) = (body, 200);
        var answer = await client.CallAsync("/test.v1.Probe/Odd", new ProbeRequest { Id = "a" });
        Assert.Equal(0, answer.Status);
        Assert.Equal(text, answer.Only(ProbeReply.Parser).Text);
    }

    [Theory]
    [InlineData("{", 200, GrpcCode.Internal)]
    [InlineData("no json", 500, GrpcCode.Internal)]
    [InlineData("[]", 404, GrpcCode.NotFound)]
    [InlineData("""{"code":5,"detail":null,"errors":[1,null,{"pointer":3}],"request_id":{}}""", 400, GrpcCode.InvalidArgument)]
    [InlineData("""{"code":"unique_key_taken"}""", 409, GrpcCode.AlreadyExists)]
    [InlineData("""{"code":"idempotency_in_progress"}""", 409, GrpcCode.Aborted)]
    [InlineData("""{"code":"job_finished"}""", 409, GrpcCode.FailedPrecondition)]
    [InlineData("", 304, GrpcCode.Unknown)]
    public async Task An_odd_failure_is_a_status_all_the_same(string body, int status, GrpcCode code)
    {
        using var client = probe.Client();
        (probe.OddBody, probe.OddStatus) = (body, status);
        Assert.Equal((int)code, (await client.CallAsync("/test.v1.Probe/Odd", new ProbeRequest { Id = "a" })).Status);
    }

    [Theory]
    [InlineData("400", GrpcCode.InvalidArgument)]
    [InlineData("401", GrpcCode.Unauthenticated)]
    [InlineData("403", GrpcCode.PermissionDenied)]
    [InlineData("404", GrpcCode.NotFound)]
    [InlineData("409", GrpcCode.FailedPrecondition)]
    [InlineData("412", GrpcCode.Aborted)]
    [InlineData("413", GrpcCode.ResourceExhausted)]
    [InlineData("415", GrpcCode.FailedPrecondition)]
    [InlineData("422", GrpcCode.InvalidArgument)]
    [InlineData("429", GrpcCode.ResourceExhausted)]
    [InlineData("500", GrpcCode.Internal)]
    [InlineData("501", GrpcCode.Unimplemented)]
    [InlineData("503", GrpcCode.Unavailable)]
    [InlineData("504", GrpcCode.DeadlineExceeded)]
    [InlineData("throw", GrpcCode.Internal)]
    public async Task Each_HTTP_status_has_its_code(string id, GrpcCode code)
    {
        using var client = probe.Client();
        var answer = await client.CallAsync("/test.v1.Probe/Fail", new ProbeRequest { Id = id });
        Assert.Equal((int)code, answer.Status);
        Assert.True(answer.IsTrailersOnly);
        var status = Status.Parser.ParseFrom(answer.Details());
        Assert.Equal((int)code, status.Code);
        Assert.Equal(answer.Message, status.Message);
    }

    [Fact]
    public async Task A_problem_keeps_all_that_it_says()
    {
        using var client = probe.Client();
        var answer = await client.CallAsync("/test.v1.Probe/Fail", new ProbeRequest { Id = "several" }, ("x-request-id", "r-1"));
        var info = Detail(answer, ErrorInfo.Parser)!;
        Assert.Equal(("validation_failed", "platform", "400"), (info.Reason, info.Domain, info.Metadata["http_status"]));
        Assert.Equal("r-1", Detail(answer, RequestInfo.Parser)!.RequestId);
        Assert.Equal("r-1", answer.Header("x-request-id"));
        var violations = Detail(answer, BadRequest.Parser)!.FieldViolations;
        Assert.Equal([("items[3].name", "required", "'name' is ärgerlich, 100 %."), ("if_version", "invalid_etag", "No tag.")],
            violations.Select(v => (v.Field, v.Reason, v.Description)));
    }

    [Fact]
    public async Task A_busy_server_says_when_to_come_back()
    {
        using var client = probe.Client();
        var answer = await client.CallAsync("/test.v1.Probe/Fail", new ProbeRequest { Id = "busy" });
        Assert.Equal((int)GrpcCode.ResourceExhausted, answer.Status);
        Assert.Equal(7, Detail(answer, RetryInfo.Parser)!.RetryDelay.Seconds);
        Assert.Equal("7", answer.Header("retry-after"));
    }

    [Fact]
    public async Task A_thousand_faults_fit_into_a_trailer()
    {
        using var client = probe.Client();
        var answer = await client.CallAsync("/test.v1.Probe/Fail", new ProbeRequest { Id = "many" });
        Assert.True(answer.Header("grpc-status-details-bin")!.Length < 6000);
        Assert.InRange(Detail(answer, BadRequest.Parser)!.FieldViolations.Count, 5, 100);
    }

    [Fact]
    public async Task Access_is_that_of_the_route()
    {
        using var nobody = new GrpcClient(probe.Address);
        var answer = await nobody.CallAsync(ProbeFixture.Echo, new ProbeRequest { Id = "a" });
        Assert.Equal((int)GrpcCode.Unauthenticated, answer.Status);
        Assert.Equal("unauthenticated", Detail(answer, ErrorInfo.Parser)!.Reason);
        using var reader = probe.Client(Roles.Viewer, Scopes.ResourcesRead);
        Assert.Equal((int)GrpcCode.PermissionDenied, (await reader.CallAsync(ProbeFixture.Echo, new ProbeRequest { Id = "a" })).Status);
        Assert.Equal(0, (await reader.CallAsync("/test.v1.Probe/Find", new FindRequest())).Status);
    }

    [Theory]
    [InlineData("/data/total", "data.total")]
    [InlineData("/operations/0/data", "operations[0].data")]
    [InlineData("/labels/a~1b~0c", "labels.a/b~c")]
    [InlineData("", "")]
    [InlineData("limit", "limit")]
    [InlineData("If-Match", "if_version")]
    [InlineData("Idempotency-Key", "idempotency-key")]
    public void A_pointer_is_a_path(string pointer, string path) => Assert.Equal(path, ProblemStatus.FieldOf(pointer));

    private static T? Detail<T>(GrpcAnswer answer, Google.Protobuf.MessageParser<T> parser)
        where T : class, Google.Protobuf.IMessage<T>, new() =>
        Status.Parser.ParseFrom(answer.Details()).Details.Where(d => d.Is(new T().Descriptor)).Select(d => parser.ParseFrom(d.Value)).SingleOrDefault();
}
