using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Platform.CoreApi.Tests;

/// <summary>Many writers on few resources.</summary>
public sealed class ContentionTests(CoreApiFixture fixture) : IClassFixture<CoreApiFixture>
{
    /// <summary>3 s, or as many as <c>PLATFORM_CONTENTION_SECONDS</c> says.</summary>
    private static readonly TimeSpan Duration =
        TimeSpan.FromSeconds(int.Parse(Environment.GetEnvironmentVariable("PLATFORM_CONTENTION_SECONDS") ?? "3", CultureInfo.InvariantCulture));

    /// <summary>Each writer adds one to what it read, on the condition that nobody else did: the sum is the number of those who were told yes.</summary>
    [Fact]
    public async Task No_update_is_lost_and_history_is_what_was_acknowledged()
    {
        using var client = fixture.Service.Client();
        var paths = new List<string>();
        for (var i = 0; i < 10; i++)
        {
            paths.Add("/v1/resources/" + (await client.CreatedAsync(data: """{"n":0}""")).Id);
        }

        var acknowledged = new ConcurrentBag<(string Path, long Version, string Data)>();
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, 64).Select(async writer =>
        {
            for (var i = writer; Stopwatch.GetElapsedTime(started) < Duration; i++)
            {
                var path = paths[i % paths.Count];
                using var read = await client.GetAsync(path);
                var n = (await read.DocumentAsync())["data"].GetProperty("n").GetInt32();
                using var changed = await client.SendJsonAsync(
                    HttpMethod.Patch, path, $$"""{"data":{"n":{{n + 1}},"by":{{writer}} } }""", ("If-Match", read.Headers.ETag!.Tag));

                // On a slow machine a lock may be waited for too long: that is no acknowledgement either.
                Assert.True(changed.StatusCode is HttpStatusCode.OK or HttpStatusCode.PreconditionFailed or HttpStatusCode.ServiceUnavailable, changed.StatusCode.ToString());
                if (changed.StatusCode == HttpStatusCode.OK)
                {
                    var document = await changed.DocumentAsync();
                    acknowledged.Add((path, document["version"].GetInt64(), document["data"].GetRawText()));
                }
            }
        }));

        Assert.NotEmpty(acknowledged);
        foreach (var path in paths)
        {
            var mine = acknowledged.Where(a => a.Path == path).OrderBy(a => a.Version).ToArray();
            var history = await HistoryAsync(client, path);
            Assert.Equal(Enumerable.Range(1, mine.Length + 1).Select(v => (long)v), history.Select(v => v.Version));
            Assert.Equal(mine.Select(a => (a.Version, a.Data)), history.Skip(1));
            Assert.Equal(mine.Length, (await client.GetDocumentAsync(path))["data"].GetProperty("n").GetInt32());
        }
    }

    private static async Task<List<(long Version, string Data)>> HistoryAsync(HttpClient client, string path)
    {
        var versions = new List<(long, string)>();
        string? cursor = null;
        do
        {
            var page = await client.GetDocumentAsync(string.Create(CultureInfo.InvariantCulture, $"{path}/history?limit=200{(cursor is null ? "" : "&cursor=" + cursor)}"));
            versions.AddRange(page["data"].EnumerateArray().Select(v => (v.GetProperty("version").GetInt64(), v.GetProperty("data").GetRawText())));
            cursor = page["next_cursor"].GetString();
        }
        while (cursor is not null);

        versions.Reverse();
        return versions;
    }
}
