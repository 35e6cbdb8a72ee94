using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Google.Protobuf;
using Platform.Benchmarks.Load;
using Platform.Benchmarks.Paths;
using Platform.Contracts.Protos.V1;

namespace Platform.Benchmarks.Api;

/// <summary>One resource read by REST and by gRPC, both through the framework's own client: REST on a connection a caller, gRPC on one for all.</summary>
internal static class GrpcAgainstRest
{
    public static async Task MeasureAsync(int port, int grpcPort, string key, ResultTable table)
    {
        using var connection = await HttpConnection.OpenAsync(port);
        await connection.SendAsync(Requests.Create(key, "grpc-read"));
        var id = JsonDocument.Parse(connection.Body).RootElement.GetProperty("id").GetString()!;
        using var http = new HttpClient(new SocketsHttpHandler());
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        var rest = new Uri($"http://127.0.0.1:{port}/v1/resources/{id}");
        var grpc = new Uri($"http://127.0.0.1:{grpcPort}/platform.v1.Resources/Get");
        var message = Frame(new GetResourceRequest { Id = id });

        async ValueTask<bool> RestAsync(int caller, long n)
        {
            using var answer = await http.GetAsync(rest);
            return answer.StatusCode == HttpStatusCode.OK && (await answer.Content.ReadAsByteArrayAsync()).Length > 0;
        }

        async ValueTask<bool> GrpcAsync(int caller, long n)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, grpc)
            {
                Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = new ByteArrayContent(message),
            };
            request.Headers.TryAddWithoutValidation("te", "trailers");
            request.Content.Headers.TryAddWithoutValidation("content-type", "application/grpc");
            using var answer = await http.SendAsync(request);
            var body = await answer.Content.ReadAsByteArrayAsync();
            return answer.TrailingHeaders.TryGetValues("grpc-status", out var status) && status.Single() == "0" && body.Length > 5;
        }

        await ClosedLoop.RunAsync(Rounds.Clients, TimeSpan.FromSeconds(5), RestAsync);
        await ClosedLoop.RunAsync(Rounds.Clients, TimeSpan.FromSeconds(5), GrpcAsync);
        var (ours, floor) = (new List<LoadResult>(), new List<LoadResult>());
        for (var round = 0; round < Rounds.Count; round++)
        {
            floor.Add(await ClosedLoop.RunAsync(Rounds.Clients, Rounds.Length, RestAsync));
            ours.Add(await ClosedLoop.RunAsync(Rounds.Clients, Rounds.Length, GrpcAsync));
        }

        table.Add("gRPC Resources.Get", $"{Rounds.Median(ours.Select(o => o.Rate)):0}/s, p50 {Rounds.Median(ours.Select(o => o.P50)):0.00} ms, p99 {Rounds.Median(ours.Select(o => o.P99)):0.00} ms, {ours.Sum(o => o.Failed)} failed");
        table.Add("  the same by REST, same client", $"{Rounds.Median(floor.Select(o => o.Rate)):0}/s, p50 {Rounds.Median(floor.Select(o => o.P50)):0.00} ms, p99 {Rounds.Median(floor.Select(o => o.P99)):0.00} ms, {floor.Sum(o => o.Failed)} failed");
        table.Add("  ratio, round by round", $"{Rounds.Median(ours.Zip(floor, (o, f) => o.Rate / f.Rate)):P0}");
    }

    private static byte[] Frame(IMessage message) => [0, .. BitConverter.GetBytes(IPAddress.HostToNetworkOrder(message.CalculateSize())), .. message.ToByteArray()];
}
