using System.IO.Compression;
using System.Net;
using Google.Protobuf;
using Platform.ServiceDefaults.Grpc;
using Platform.ServiceDefaults.Tests.Grpc.Wire;
using Platform.Testing;

namespace Platform.ServiceDefaults.Tests.Grpc;

/// <summary>gRPC over HTTP/2, rule by rule, against the bytes.</summary>
public sealed class ProtocolTests(ProbeFixture probe) : IClassFixture<ProbeFixture>
{
    private const string Echo = ProbeFixture.Echo;
    private static readonly ProbeRequest Hello = new() { Id = "a", Text = "hello" };

    [Fact]
    public async Task A_call_is_a_message_and_a_status_in_the_trailers()
    {
        using var client = probe.Client();
        var answer = await client.CallAsync(Echo, Hello);
        Assert.Equal(200, answer.HttpStatus);
        Assert.False(answer.IsTrailersOnly);
        Assert.Equal(0, answer.Status);
        Assert.Equal("""{"text":"hello"}""", answer.Only(ProbeReply.Parser).Text);
        Assert.Equal(0, answer.Frames[0].Flag);
        Assert.Null(answer.Message);
    }

    [Theory]
    [InlineData("application/grpc")]
    [InlineData("application/grpc+proto")]
    [InlineData("application/grpc;charset=x")]
    public async Task Its_content_types_are_served(string contentType)
    {
        using var client = probe.Client();
        using var response = await client.SendAsync(GrpcClient.Request(Echo, new ByteArrayContent(GrpcClient.Frame(Hello)), ("content-type", contentType)));
        Assert.Equal(200, (int)response.StatusCode);
        Assert.StartsWith("application/grpc", response.Content.Headers.ContentType!.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/grpc-web")]
    [InlineData("application/grpc+json")]
    [InlineData("application/grpcx")]
    public async Task Another_content_type_is_415(string contentType)
    {
        using var client = probe.Client();
        using var response = await client.SendAsync(GrpcClient.Request(Echo, new ByteArrayContent(GrpcClient.Frame(Hello)), ("content-type", contentType)));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.False(response.Headers.Contains("grpc-status"));
    }

    [Fact]
    public async Task Another_method_is_405()
    {
        using var client = probe.Client();
        var request = GrpcClient.Request(Echo, new ByteArrayContent(GrpcClient.Frame(Hello)));
        request.Method = HttpMethod.Put;
        using var response = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal("POST", Assert.Single(response.Content.Headers.Allow));
    }

    [Fact]
    public async Task REST_is_not_on_this_port_and_gRPC_not_on_the_other()
    {
        using var client = probe.Client();
        using var rest = await client.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/health/live") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact });
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, rest.StatusCode);
        using var other = new GrpcClient(probe.Service.BaseAddress);
        await Assert.ThrowsAsync<HttpRequestException>(() => other.CallAsync(Echo, Hello));
    }

    [Theory]
    [InlineData("/test.v1.Probe/NoSuch")]
    [InlineData("/test.v1.Probe/Unmapped")]
    [InlineData("/test.v1.Nobody/Echo")]
    [InlineData("/probe/a")]
    [InlineData("/")]
    public async Task What_is_not_there_is_unimplemented_in_the_headers_alone(string path)
    {
        using var client = probe.Client();
        var answer = await client.CallAsync(path, Hello);
        Assert.Equal(200, answer.HttpStatus);
        Assert.True(answer.IsTrailersOnly);
        Assert.Equal((int)GrpcCode.Unimplemented, answer.Status);
        Assert.Empty(answer.Frames);
    }

    [Fact]
    public async Task A_method_whose_route_is_not_here_is_unimplemented()
    {
        using var client = probe.Client();
        Assert.Equal((int)GrpcCode.Unimplemented, (await client.CallAsync("/test.v1.Probe/Nowhere", Hello)).Status);
    }

    [Fact]
    public async Task A_message_may_come_in_any_pieces()
    {
        using var client = probe.Client();
        var pieces = GrpcClient.Frame(Hello).Select(b => new[] { b }).ToArray();
        var answer = await client.SendAsync(Echo, pieces);
        Assert.Equal("""{"text":"hello"}""", answer.Only(ProbeReply.Parser).Text);
    }

    [Fact]
    public async Task A_large_message_passes_the_window()
    {
        using var client = probe.Client();
        var text = new string('x', 3_000_000);
        var answer = await client.CallAsync(Echo, new ProbeRequest { Id = "a", Text = text });
        Assert.Equal(0, answer.Status);
        Assert.Equal(text, answer.Only(ProbeReply.Parser).Text);
    }

    [Fact]
    public async Task No_message_and_two_messages_are_refused()
    {
        using var client = probe.Client();
        Assert.Equal((int)GrpcCode.Unimplemented, (await client.SendAsync(Echo, [])).Status);
        var frame = GrpcClient.Frame(Hello);
        Assert.Equal((int)GrpcCode.Unimplemented, (await client.SendAsync(Echo, [[.. frame, .. frame]])).Status);
        Assert.Equal((int)GrpcCode.Unimplemented, (await client.SendAsync(Echo, [frame, frame])).Status);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(8)]
    public async Task A_message_that_ends_early_is_refused(int length)
    {
        using var client = probe.Client();
        var answer = await client.SendAsync(Echo, [GrpcClient.Frame(Hello)[..length]]);
        Assert.Equal((int)GrpcCode.Internal, answer.Status);
        Assert.True(answer.IsTrailersOnly);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(255)]
    public async Task A_reserved_flag_is_refused(byte flag)
    {
        using var client = probe.Client();
        var answer = await client.SendAsync(Echo, [GrpcClient.Frame(Hello.ToByteArray(), flag)], ("grpc-encoding", "gzip"));
        Assert.Equal((int)GrpcCode.Internal, answer.Status);
    }

    [Fact]
    public async Task Bytes_that_are_no_message_are_refused()
    {
        using var client = probe.Client();
        Assert.Equal((int)GrpcCode.Internal, (await client.SendAsync(Echo, [GrpcClient.Frame([0xff, 0xff, 0xff])])).Status);
    }

    [Fact]
    public async Task An_encoding_that_is_not_known_is_unimplemented_and_told_which_are()
    {
        using var client = probe.Client();
        var answer = await client.SendAsync(Echo, [GrpcClient.Frame(Hello.ToByteArray(), 1)], ("grpc-encoding", "zstd"));
        Assert.Equal((int)GrpcCode.Unimplemented, answer.Status);
        Assert.Equal("identity,gzip", answer.Header("grpc-accept-encoding"));
    }

    [Fact]
    public async Task A_compressed_message_without_an_encoding_is_refused()
    {
        using var client = probe.Client();
        Assert.Equal((int)GrpcCode.Internal, (await client.SendAsync(Echo, [GrpcClient.Frame(Zip(Hello.ToByteArray()), 1)])).Status);
    }

    [Fact]
    public async Task Gzip_goes_in_and_out()
    {
        using var client = probe.Client();
        var text = new string('y', 20_000);
        var request = new ProbeRequest { Id = "a", Text = text }.ToByteArray();
        var answer = await client.SendAsync(Echo, [GrpcClient.Frame(Zip(request), 1)], ("grpc-encoding", "gzip"), ("grpc-accept-encoding", "identity, gzip"));
        Assert.Equal(0, answer.Status);
        Assert.Equal("gzip", answer.Header("grpc-encoding"));
        Assert.Equal(1, answer.Frames[0].Flag);
        Assert.True(answer.Frames[0].Message.Length < 1000);
        using var unzip = new GZipStream(new MemoryStream(answer.Frames[0].Message), CompressionMode.Decompress);
        Assert.Equal(text, ProbeReply.Parser.ParseFrom(unzip).Text);

        // The flag is of each message: an encoding may be named and not used. What is small is not worth it.
        var plain = await client.CallAsync(Echo, Hello, ("grpc-encoding", "gzip"), ("grpc-accept-encoding", "gzip"));
        Assert.Equal(0, plain.Frames.Single().Flag);
        var refused = await client.SendAsync(Echo, [GrpcClient.Frame(Zip(request), 1)], ("grpc-encoding", "gzip"));
        Assert.Null(refused.Header("grpc-encoding"));
        Assert.Equal(0, refused.Frames.Single().Flag);
    }

    [Fact]
    public async Task Bad_gzip_is_refused()
    {
        using var client = probe.Client();
        Task<GrpcAnswer> Send(byte[] bytes) => client.SendAsync(Echo, [GrpcClient.Frame(bytes, 1)], ("grpc-encoding", "gzip"));

        var zipped = Zip(new ProbeRequest { Id = "a", Text = Convert.ToHexString(System.Security.Cryptography.SHA512.HashData([1])) }.ToByteArray());
        Assert.Equal(0, (await Send(zipped)).Status);
        Assert.Equal((int)GrpcCode.Internal, (await Send([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])).Status);
        Assert.Equal((int)GrpcCode.Internal, (await Send(zipped[..^9])).Status);
        Assert.Equal((int)GrpcCode.Internal, (await Send(zipped[..^30])).Status);
        Assert.Equal((int)GrpcCode.Internal, (await Send([])).Status);
    }

    [Fact]
    public async Task A_message_beyond_the_limit_is_refused_by_its_length()
    {
        using var client = probe.Client();

        // Only the length comes: nobody waits for the rest.
        var answer = await client.SendAsync(Echo, [[0, 0x7f, 0xff, 0xff, 0xff]]);
        Assert.Equal((int)GrpcCode.ResourceExhausted, answer.Status);
        Assert.Contains("4194304", answer.Message, StringComparison.Ordinal);
        var negative = await client.SendAsync(Echo, [[0, 0xff, 0xff, 0xff, 0xff]]);
        Assert.Equal((int)GrpcCode.ResourceExhausted, negative.Status);
    }

    [Fact]
    public async Task A_bomb_is_not_unpacked_to_its_end()
    {
        using var client = probe.Client();
        var bomb = Zip(new byte[200_000_000]);
        Assert.True(bomb.Length < 1_000_000);
        GC.Collect();
        var before = GC.GetTotalAllocatedBytes();
        var answer = await client.SendAsync(Echo, [GrpcClient.Frame(bomb, 1)], ("grpc-encoding", "gzip"));
        Assert.Equal((int)GrpcCode.ResourceExhausted, answer.Status);
        Assert.True(GC.GetTotalAllocatedBytes() - before < 100_000_000);
    }

    [Fact]
    public async Task Metadata_passes_and_is_told()
    {
        using var client = probe.Client();
        var answer = await client.CallAsync(Echo, new ProbeRequest { Id = "a", IfVersion = 7, Text = "x" },
            ("idempotency-key", "k1"), ("x-request-id", "mine-1"), ("thing-bin", "AAEC"), ("other-bin", "!!not base64!!"), ("if-match", "\"9\""));
        Assert.Equal(0, answer.Status);
        Assert.Equal("\"7\"|k1|application/json|HTTP/2", answer.Header("x-seen"));
        Assert.Equal("mine-1", answer.Header("x-request-id"));
        Assert.Equal("/probe/a", answer.Header("location"));
        Assert.NotNull(answer.Header("ratelimit"));
    }

    [Fact]
    public async Task A_message_of_any_text_is_percent_encoded()
    {
        using var client = probe.Client();
        var answer = await client.CallAsync("/test.v1.Probe/Fail", new ProbeRequest { Id = "several" });
        Assert.Equal("2 fields are not valid.", answer.Message);
        Assert.Equal("a%25b%C3%A4%0A~ !", ServiceDefaults.Grpc.Wire.PercentEncoding.Encode("a%bä\n~ !"));
    }

    private static byte[] Zip(byte[] bytes)
    {
        var packed = new MemoryStream();
        using (var zip = new GZipStream(packed, CompressionLevel.Optimal))
        {
            zip.Write(bytes);
        }

        return packed.ToArray();
    }
}
