using Platform.Testing;

namespace Platform.CoreApi.Tests.Feed;

/// <summary>Two instances on one database, one of which is killed in the middle.</summary>
public sealed class KilledInstanceTests
{
    [Fact]
    public async Task Clients_of_a_killed_instance_go_on_at_another_without_loss_or_repeat()
    {
        const int count = 1500;
        await using var survivor = await FeedKeys.StartAsync();
        var tenant = Publishing.NewTenant();
        var key = (await FeedKeys.AddAsync(survivor, tenant)).Text;
        await using var victim = PlatformProcess.StartService("CoreApi", survivor.Database.ConnectionString);
        await victim.ReadyAsync();
        using var there = new HttpClient { BaseAddress = victim.Url };
        there.DefaultRequestHeaders.Authorization = new("Bearer", key);
        using var here = survivor.Client(key);
        using var steady = await SseClient.OpenAsync(here);
        var moved = await SseClient.OpenAsync(there);
        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < count; i += 25)
            {
                await survivor.PublishAsync(tenant, 25, first: i, subjects: 30);
            }
        });

        // Whatever the victim was doing for the feed just then: leading the relay, holding partitions, streaming.
        var seen = await moved.ReadAsync(count / 5);
        await victim.KillAsync();
        while (true)
        {
            try
            {
                if (await moved.ReadAsync() is not { } more)
                {
                    break;
                }

                seen.Add(more);
            }
            catch (Exception e) when (e is IOException or HttpRequestException)
            {
                break;
            }
        }

        using (var resumed = await SseClient.OpenAsync(here, lastEventId: moved.LastEventId))
        {
            seen.AddRange(await resumed.ReadAsync(count - seen.Count));
        }

        moved.Dispose();
        await writing;
        var events = await steady.ReadAsync(count);
        Assert.Equal(Enumerable.Range(1, count).Select(p => (long)p), events.Select(e => e.Position));
        Assert.Equal(events.Select(e => e.Data), seen.Select(e => e.Data));
        HistoryTests.AssertOrderOfSubjects(events.Select(e => (e.Json.GetProperty("subject").GetString()!, e.Json.GetProperty("data").GetProperty("n").GetInt32())));
    }
}
