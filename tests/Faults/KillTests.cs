using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Npgsql;
using Platform.Testing;

namespace Platform.Faults;

/// <summary>
/// Acknowledged is durable: SIGKILL of the whole platform in the middle of writes, over and over. The ledger is the callers'
/// own: every write has its key, and a caller that got no answer asks again with the same key.
/// </summary>
public sealed class KillTests
{
    private const int Writes = 2000;
    private const int Concurrency = 16;
    private const int Kills = 20;

    [Fact]
    public async Task Twenty_kills_in_the_middle_of_two_thousand_writes_lose_and_double_nothing()
    {
        using var folder = new TemporaryFolder();
        var data = folder.Path + "/data";
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var run = new Campaign(data);
        await run.StartAsync();
        await run.SubscribeAsync(receiver.Url);

        var acknowledged = new ConcurrentDictionary<int, string>();
        var writing = Task.WhenAll(Enumerable.Range(0, Concurrency).Select(worker => Task.Run(async () =>
        {
            for (var n = worker; n < Writes; n += Concurrency)
            {
                acknowledged[n] = await run.WriteAsync(n);
            }
        })));
        for (var kill = 1; kill <= Kills; kill++)
        {
            var target = Writes * kill / (Kills + 1);
            await run.UntilAsync(() => acknowledged.Count >= target || writing.IsCompleted, $"{target} writes");
            Assert.False(writing.IsCompleted, "the writes were over before the kills: " + writing.Exception);
            await run.KillAndRestartAsync();
        }

        await writing;
        Assert.Equal(Writes, acknowledged.Count);
        Assert.Equal(Writes, acknowledged.Values.Distinct().Count());
        await run.EveryWriteIsThereAsync(acknowledged);
        await run.EveryWriteHasOneEventAsync(acknowledged.Values);
        await run.AnalyticsCountedEachOnceAsync(Writes);
        await EveryWriteArrivedAsync(receiver, acknowledged.Values);
    }

    private static async Task EveryWriteArrivedAsync(WebhookReceiver receiver, IEnumerable<string> ids)
    {
        var wanted = ids.ToHashSet(StringComparer.Ordinal);
        await Eventually.IsTrueAsync(
            () => Arrivals(receiver).Select(a => a.Resource).ToHashSet(StringComparer.Ordinal).IsSupersetOf(wanted), "a webhook for each write", TimeSpan.FromMinutes(2));
        Assert.All(Arrivals(receiver).GroupBy(a => a.Resource), g => Assert.Single(g.Select(a => a.WebhookId).Distinct()));
    }

    private static (string Resource, string WebhookId)[] Arrivals(WebhookReceiver receiver) =>
        [.. receiver.Requests.Select(r => (JsonDocument.Parse(r.Body).RootElement.GetProperty("data").GetProperty("id").GetString()!, r.WebhookId))];

    /// <summary>The platform under fault, and its callers, who do not give up.</summary>
    private sealed class Campaign(string data) : IAsyncDisposable
    {
        private readonly int _port = PlatformProcess.FreePort();
        private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(20) };
        private readonly ConcurrentDictionary<int, string> _refused = new();
        private PlatformProcess _platform = null!;

        public async Task StartAsync()
        {
            _platform = PlatformProcess.StartStandalone(data, _port);
            await _platform.ReadyAsync();
            _client.BaseAddress = _platform.Url;
            _client.DefaultRequestHeaders.Authorization = new("Bearer", (await File.ReadAllTextAsync(Path.Combine(data, "api-key"))).Trim());
        }

        public async Task SubscribeAsync(string url)
        {
            var created = await _client.PostAsJsonAsync("/v1/webhook-endpoints", new { url, event_types = new[] { "resource.created" } });
            Assert.Equal(201, (int)created.StatusCode);
        }

        public async Task KillAndRestartAsync()
        {
            await _platform.KillAsync();
            _platform = PlatformProcess.StartStandalone(data, _port);
            await _platform.ReadyAsync();
        }

        /// <summary>Waits; says what the writes that wait were answered last when it is not in time.</summary>
        public async Task UntilAsync(Func<bool> condition, string what)
        {
            var started = Stopwatch.GetTimestamp();
            while (!condition())
            {
                Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromMinutes(2), $"not in time: {what}; {string.Join("; ", _refused.Select(r => $"{r.Key}: {r.Value}"))}");
                await Task.Delay(10);
            }
        }

        /// <summary>Writes until it is acknowledged. Returns the resource's id.</summary>
        public async Task<string> WriteAsync(int n)
        {
            while (true)
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/resources");
                request.Headers.Add("Idempotency-Key", $"write-{n}");
                request.Content = new StringContent($$"""{"type":"fault","data":{"n": {{n}} } }""", Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
                try
                {
                    using var response = await _client.SendAsync(request);
                    if (response.IsSuccessStatusCode)
                    {
                        _refused.TryRemove(n, out _);
                        return JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("id").GetString()!;
                    }

                    // Starting or stopping; anything else is a fault of ours.
                    _refused[n] = $"{response.StatusCode}: {await response.Content.ReadAsStringAsync()}";
                    Assert.True((int)response.StatusCode is 503 or 409 or 500, _refused[n]);
                }
                catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException)
                {
                    _refused[n] = e.Message;
                    await Task.Delay(20);
                }
            }
        }

        public async Task EveryWriteIsThereAsync(IReadOnlyDictionary<int, string> acknowledged)
        {
            foreach (var (n, id) in acknowledged)
            {
                var resource = JsonDocument.Parse(await _client.GetStringAsync("/v1/resources/" + id)).RootElement;
                Assert.Equal(n, resource.GetProperty("data").GetProperty("n").GetInt32());
            }
        }

        public async Task EveryWriteHasOneEventAsync(IEnumerable<string> ids)
        {
            var events = new Dictionary<string, int>(StringComparer.Ordinal);
            await Eventually.IsTrueAsync(async () =>
            {
                events.Clear();
                await using var connection = await ConnectAsync();
                await using var command = new NpgsqlCommand("SELECT key FROM stream.events_core WHERE headers->>'ce_type' = 'resource.created'", connection);
                await using var reader = await command.ExecuteReaderAsync();
                while (await reader.ReadAsync())
                {
                    events[reader.GetString(0)] = events.GetValueOrDefault(reader.GetString(0)) + 1;
                }

                return events.Count >= Writes;
            }, "an event for each write");
            Assert.Equal(ids.Order(StringComparer.Ordinal), events.Keys.Order(StringComparer.Ordinal));
            Assert.All(events.Values, n => Assert.Equal(1, n));
        }

        public async Task AnalyticsCountedEachOnceAsync(int writes)
        {
            async Task<long> CountAsync()
            {
                var usage = JsonDocument.Parse(await _client.GetStringAsync("/v1/analytics/usage?interval=hour&group_by=type")).RootElement;
                return usage.GetProperty("data").EnumerateArray()
                    .Where(d => d.GetProperty("group").GetString() == "resource.created").Sum(d => d.GetProperty("count").GetInt64());
            }

            await Eventually.IsTrueAsync(async () => await CountAsync() >= writes, "analytics counted every write");
            Assert.Equal(writes, await CountAsync());
        }

        public async ValueTask DisposeAsync()
        {
            await _platform.DisposeAsync();
            _client.Dispose();
        }

        private async Task<NpgsqlConnection> ConnectAsync()
        {
            var secrets = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(data, "postgres.json"))).RootElement;
            var state = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(data, "postgres.state.json"))).RootElement;
            var connection = new NpgsqlConnection(
                $"Host=127.0.0.1;Port={Number(state, "port")};Username=platform;Password={Text(secrets, "platform")};Database=platform;Pooling=false;Options=-c platform.scope=system");
            await connection.OpenAsync();
            return connection;
        }

        private static string Text(JsonElement json, string part) =>
            json.EnumerateObject().First(p => p.Name.Contains(part, StringComparison.OrdinalIgnoreCase)).Value.GetString()!;

        private static int Number(JsonElement json, string part) =>
            json.EnumerateObject().First(p => p.Name.Contains(part, StringComparison.OrdinalIgnoreCase)).Value.GetInt32();
    }
}
