using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Platform.Contracts.Events;
using Platform.Eventing.Outbox;
using Xunit.Abstractions;

namespace Platform.Notifications.Tests;

/// <summary>Hostile receivers of one tenant, a healthy one of another.</summary>
public sealed class HostileNeighboursTests(ITestOutputHelper output)
{
    [Fact]
    public async Task They_delay_nobody_and_cost_no_memory()
    {
        await using var service = await NotificationsFixture.StartAsync(null, ("Webhooks:Timeout", "00:00:01"), ("Webhooks:Retries:0", "00:00:00.500"));
        await using var healthy = await Receiver.StartAsync();
        var (good, evil) = (Calls.NewTenant(), Calls.NewTenant());
        await service.Client(good).EndpointAsync(healthy.Url);
        var alone = await MedianAsync(service, good, healthy, evil: null);

        using var deaf = new TcpListener(IPAddress.Loopback, 0);
        deaf.Start();
        await using var flood = new RawReceiver(Repeat("HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n", new string('x', 65536)));
        await using var headers = new RawReceiver(Repeat("HTTP/1.1 200 OK\r\n", $"x: {new string('x', 1000)}\r\n"));
        await using var interim = new RawReceiver(Repeat("", "HTTP/1.1 103 Early Hints\r\n\r\n"));
        await using var drip = new RawReceiver(RawReceiver.Say("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc"));
        await using var reset = new RawReceiver((stream, _) =>
        {
            stream.Socket.LingerState = new(enable: true, seconds: 0);
            stream.Socket.Close();
            return Task.CompletedTask;
        });
        foreach (var url in new[] { $"http://127.0.0.1:{((IPEndPoint)deaf.LocalEndpoint).Port}/", flood.Url, headers.Url, interim.Url, drip.Url, reset.Url })
        {
            await service.Client(evil).EndpointAsync(url);
        }

        var heap = GC.GetTotalMemory(forceFullCollection: true);
        var beside = await MedianAsync(service, good, healthy, evil);
        var grown = (GC.GetTotalMemory(forceFullCollection: true) - heap) / 1024 / 1024;
        output.WriteLine($"first attempt p50 {alone.TotalMilliseconds:0.0} ms alone, {beside.TotalMilliseconds:0.0} ms beside six hostile endpoints; the heap grew by {grown} MiB");
        Assert.True(beside < TimeSpan.FromSeconds(2), $"{beside}");
        Assert.True(grown < 64, $"{grown} MiB");
    }

    private static async Task<TimeSpan> MedianAsync(TestService service, Guid good, Receiver healthy, Guid? evil)
    {
        var times = new List<TimeSpan>();
        for (var i = 0; i < 20; i++)
        {
            if (evil is { } tenant)
            {
                await service.AppendAsync([.. Enumerable.Range(0, 2).Select(_ => OutboxMessage.FromJson(
                    EventTypes.ResourceCreated, Topics.Core, "core", tenant, "res_1", "{}"u8.ToArray(), TimeProvider.System))]);
            }

            var before = healthy.Count;
            var started = Stopwatch.GetTimestamp();
            await service.PublishAsync(good);
            var came = await healthy.WaitAsync(before + 1);
            times.Add(Stopwatch.GetElapsedTime(started));
            Assert.Equal(before + 1, came.Count);
        }

        return times.Order().ElementAt(times.Count / 2);
    }

    private static Func<NetworkStream, CancellationToken, Task> Repeat(string begin, string each) => async (stream, cancellationToken) =>
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes(begin), cancellationToken);
        var bytes = Encoding.ASCII.GetBytes(each);
        while (true)
        {
            await stream.WriteAsync(bytes, cancellationToken);
        }
    };
}
