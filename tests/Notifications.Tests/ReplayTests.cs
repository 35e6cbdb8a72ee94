using Platform.Contracts.Events;
using Platform.Eventing.Outbox;
using Platform.Notifications.Replays;
using Platform.ServiceDefaults.Requests;

namespace Platform.Notifications.Tests;

/// <summary>Past events that are sent again, one endpoint's or many deliveries.</summary>
public sealed class ReplayTests(NotificationsFixture fixture) : IClassFixture<NotificationsFixture>
{
    private readonly Guid _tenant = Calls.NewTenant();
    private HttpClient Client => fixture.Service.Client(_tenant);

    [Fact]
    public async Task What_an_endpoint_missed_is_sent_and_what_it_got_is_not()
    {
        await using var receiver = await Receiver.StartAsync();
        await Client.EndpointAsync(receiver.Url + "/first");
        var since = Now();
        var got = await fixture.Service.PublishAsync(_tenant);
        var other = await fixture.Service.PublishAsync(_tenant, "{}", EventTypes.JobSucceeded);
        await receiver.WaitAsync(2);

        // It came later, and wants one type only.
        var late = await Client.EndpointAsync(receiver.Url + "/late", ""","event_types":["resource.*"]""");
        await Client.PostedAsync($"/v1/webhook-endpoints/{late.Id}:test", 202);
        await receiver.WaitAsync(3);
        var replay = await EndedAsync(await StartAsync(late, $$"""{"since":"{{since}}","only_missing":true}"""));
        Assert.Equal("finished", replay.State);
        Assert.Equal(1, replay["queued"].GetInt32());
        var delivery = await Eventually.GetAsync<Document>(async () =>
            (await Client.DeliveriesAsync(late, "?state=succeeded")).SingleOrDefault(d => d["event_id"].GetString() == got), "the missed one");
        Assert.Equal("replay", (await Client.GetDocumentAsync("/v1/deliveries/" + delivery.Id))["attempts"][0].GetProperty("trigger").GetString());

        // By now it is not missing, and it did not fail; only a whole replay sends it once more.
        Assert.Equal(0, (await EndedAsync(await StartAsync(late, $$"""{"since":"{{since}}","only_missing":true,"only_failed":true}""")))["queued"].GetInt32());
        Assert.Equal(1, (await EndedAsync(await StartAsync(late, $$"""{"since":"{{since}}","event_types":["resource.created"]}""")))["queued"].GetInt32());
        await Eventually.IsTrueAsync(() => receiver.All.Count(r => r.Path == "/hook/late" && r.Id == got) == 2, "twice by now");
        Assert.DoesNotContain(receiver.All, r => r.Path == "/hook/late" && r.Id == other);
        Assert.Single(receiver.All, r => r.Path == "/hook/first" && r.Id == got);
    }

    [Fact]
    public async Task What_failed_is_sent_and_nothing_else()
    {
        var isHealthy = false;
        await using var receiver = await Receiver.StartAsync((http, n) => Receiver.Status(Volatile.Read(ref isHealthy) || n == 1 ? 200 : 500)(http, n));
        var endpoint = await Client.EndpointAsync(receiver.Url);
        var since = Now();
        await fixture.Service.PublishAsync(_tenant);
        await receiver.WaitAsync(1);
        await fixture.Service.AppendAsync([.. Enumerable.Range(0, 2).Select(_ => Event(_tenant))]);
        await Eventually.IsTrueAsync(async () => (await Client.DeliveriesAsync(endpoint, "?state=failed")).Length == 2, "both failed");
        Volatile.Write(ref isHealthy, true);
        var before = receiver.Count;
        var replay = await EndedAsync(await StartAsync(endpoint, $$"""{"since":"{{since}}","only_failed":true}"""));
        Assert.Equal(2, replay["queued"].GetInt32());
        await Eventually.IsTrueAsync(async () => (await Client.DeliveriesAsync(endpoint, "?state=succeeded")).Length == 3, "all arrived");
        Assert.Equal(before + 2, receiver.Count);
    }

    [Fact]
    public async Task Deliveries_can_be_named_by_endpoint_state_and_error()
    {
        var isHealthy = false;
        await using var receiver = await Receiver.StartAsync((http, n) => Receiver.Status(Volatile.Read(ref isHealthy) ? 200 : 500)(http, n));
        var (one, two) = (await Client.EndpointAsync(receiver.Url + "/one"), await Client.EndpointAsync(receiver.Url + "/two"));
        var stopped = await Client.EndpointAsync(receiver.Url + "/stopped", ""","disabled":true""");
        await fixture.Service.AppendAsync([.. Enumerable.Range(0, 2).Select(_ => Event(_tenant))]);
        await Eventually.IsTrueAsync(async () =>
            (await Client.DeliveriesAsync(one, "?state=failed")).Length == 2 && (await Client.DeliveriesAsync(two, "?state=failed")).Length == 2, "all failed");
        Volatile.Write(ref isHealthy, true);
        Assert.Equal(0, (await EndedAsync(await RedeliverAsync("""{"error":"timeout"}""")))["queued"].GetInt32());
        Assert.Equal(2, (await EndedAsync(await RedeliverAsync($$"""{"endpoint_id":"{{one.Id}}","error":"bad_status"}""")))["queued"].GetInt32());
        await Eventually.IsTrueAsync(async () => (await Client.DeliveriesAsync(one, "?state=succeeded")).Length == 2, "the first endpoint");
        Assert.Equal(2, (await Client.DeliveriesAsync(two, "?state=failed")).Length);
        Assert.Equal(2, (await EndedAsync(await RedeliverAsync("{}")))["queued"].GetInt32());
        await Eventually.IsTrueAsync(async () => (await Client.DeliveriesAsync(two, "?state=succeeded")).Length == 2, "the second endpoint");

        // Of a disabled endpoint nothing is sent before it is enabled.
        Assert.Equal(0, (await EndedAsync(await RedeliverAsync("""{"state":"disabled"}""")))["queued"].GetInt32());
        await Client.PostedAsync($"/v1/webhook-endpoints/{stopped.Id}:enable", 200);
        Assert.Equal(2, (await EndedAsync(await RedeliverAsync("""{"state":"disabled"}""")))["queued"].GetInt32());
        var sent = await Eventually.GetAsync<Document[]>(async () =>
            await Client.DeliveriesAsync(stopped, "?state=succeeded") is { Length: 2 } all ? all : null, "what it missed");
        Assert.Equal("redeliver", (await Client.GetDocumentAsync("/v1/deliveries/" + sent[0].Id))["attempts"][0].GetProperty("trigger").GetString());
    }

    [Fact]
    public async Task A_crash_in_the_middle_of_a_bit_leaves_nothing_out_and_repeats_nothing()
    {
        // Alone with its database, and nobody but this test moves the replay on.
        await using var service = await NotificationsFixture.StartAsync(null, ("Webhooks:ReplayRate", "100000"));
        await using var receiver = await Receiver.StartAsync();
        using var client = service.Client(_tenant);
        await client.EndpointAsync(receiver.Url + "/first");
        var since = Now();
        await service.AppendAsync([.. Enumerable.Range(0, 400).Select(_ => Event(_tenant))]);
        await Eventually.IsTrueAsync(async () =>
            await service.Database.ScalarAsync<long>("SELECT count(*) FROM notifications.message") == 400, "all came", TimeSpan.FromSeconds(60));
        var late = await client.EndpointAsync(receiver.Url + "/late");

        // The commit of every second bit is lost with its process, as a trigger has it.
        await service.Database.ExecuteAsync("""
            CREATE SEQUENCE public.bits;
            CREATE FUNCTION public.crash() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF nextval('public.bits') % 2 = 1 AND NEW.scanned > OLD.scanned THEN
                    PERFORM pg_terminate_backend(pg_backend_pid());
                END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER crash BEFORE UPDATE ON notifications.replay FOR EACH ROW EXECUTE FUNCTION public.crash();
            GRANT USAGE ON SEQUENCE public.bits TO PUBLIC;
            ALTER FUNCTION public.crash() SECURITY DEFINER;
            """);
        using var response = await client.SendJsonAsync(HttpMethod.Post, $"/v1/webhook-endpoints/{late.Id}:replay", $$"""{"since":"{{since}}","only_missing":true}""");
        Assert.Equal(202, (int)response.StatusCode);
        var replay = await response.DocumentAsync();
        var ended = await Eventually.GetAsync<Document>(async () =>
            await client.GetDocumentAsync("/v1/webhook-replays/" + replay.Id) is var r && r.State != "running" ? r : null, "the end", TimeSpan.FromSeconds(90));
        Assert.Equal(("finished", 400), (ended.State, ended["queued"].GetInt32()));
        await Eventually.IsTrueAsync(() => receiver.All.Count(r => r.Path == "/hook/late") == 400, "each of them", TimeSpan.FromSeconds(60));
        Assert.Equal(400, receiver.All.Where(r => r.Path == "/hook/late").Select(r => r.Id).Distinct().Count());
        Assert.True(await service.Database.ScalarAsync<long>("SELECT last_value FROM public.bits") > 4);
    }

    [Fact]
    public async Task A_replay_waits_for_its_last_bit_and_fresh_events_go_first()
    {
        await using var service = await NotificationsFixture.StartAsync(null, ("Webhooks:ReplayRate", "100000"), ("Webhooks:Timeout", "00:00:30"), ("Webhooks:EndpointConcurrency", "1"));
        await using var receiver = await Receiver.StartAsync();
        using var client = service.Client(_tenant);
        var first = await client.EndpointAsync(receiver.Url + "/first");
        var since = Now();
        await service.AppendAsync([.. Enumerable.Range(0, 400).Select(_ => Event(_tenant))]);
        await receiver.WaitAsync(400);
        using (var removed = await client.DeleteAsync("/v1/webhook-endpoints/" + first.Id))
        {
            Assert.Equal(204, (int)removed.StatusCode);
        }

        // Twenty a second, one at a time.
        receiver.Answer = (_, _) => Task.Delay(50);
        var slow = await client.EndpointAsync(receiver.Url + "/slow");
        using var response = await client.SendJsonAsync(HttpMethod.Post, $"/v1/webhook-endpoints/{slow.Id}:replay", $$"""{"since":"{{since}}"}""");
        var replay = await response.DocumentAsync();
        await receiver.WaitAsync(410);
        var fresh = await service.PublishAsync(_tenant);
        await Eventually.IsTrueAsync(() => receiver.All.Any(r => r.Id == fresh), "the fresh one", TimeSpan.FromSeconds(30));
        
        // What is in the queue may be before it, but not the whole replay.
        Assert.True(receiver.Count < 400 + 250, $"{receiver.Count - 400} old ones before it");
        var running = await client.GetDocumentAsync("/v1/webhook-replays/" + replay.Id);
        Assert.Equal("running", running.State);
        Assert.InRange(running["queued"].GetInt32(), ReplayWorker.SmallestBit, 300);

        var cancelled = await client.PostedAsync($"/v1/webhook-replays/{replay.Id}:cancel", 200);
        Assert.Equal("cancelled", cancelled.State);
        Assert.Equal("cancelled", (await client.GetDocumentAsync("/v1/webhook-replays"))["data"][0].GetProperty("state").GetString());
    }

    [Fact]
    public async Task A_replay_to_an_endpoint_that_is_taken_away_ends_with_that_reason()
    {
        await using var receiver = await Receiver.StartAsync();
        var endpoint = await Client.EndpointAsync(receiver.Url);
        await fixture.Service.PublishAsync(_tenant);
        await receiver.WaitAsync(1);

        // Not due for the length of the test, as it is while its last bit is on its way.
        var replay = await StartAsync(endpoint, """{"since":"2026-01-01T00:00:00Z"}""", now: false);
        using (var disabled = await Client.SendJsonAsync(HttpMethod.Patch, "/v1/webhook-endpoints/" + endpoint.Id, """{"disabled":true}"""))
        {
            Assert.Equal(200, (int)disabled.StatusCode);
        }

        await fixture.Service.Database.ExecuteAsync($"UPDATE notifications.replay SET state = 'running', finished_at = NULL, next_at = now() WHERE tenant_id = '{_tenant}'");
        var ended = await EndedAsync(replay);
        Assert.Equal(("failed", "endpoint_disabled"), (ended.State, ended["reason"].GetString()));
        using var refused = await Client.SendJsonAsync(HttpMethod.Post, $"/v1/webhook-endpoints/{endpoint.Id}:replay", """{"since":"2026-01-01T00:00:00Z"}""");
        Assert.Equal(409, (int)refused.StatusCode);
    }

    [Theory]
    [InlineData("{}", "/since")]
    [InlineData("""{"since":"yesterday"}""", "/since")]
    [InlineData("""{"since":"2999-01-01T00:00:00Z"}""", "/since")]
    [InlineData("""{"since":"2026-01-02T00:00:00Z","until":"2026-01-01T00:00:00Z"}""", "/since")]
    [InlineData("""{"since":"2026-01-02T00:00:00Z","only_failed":"yes"}""", "/only_failed")]
    [InlineData("""{"since":"2026-01-02T00:00:00Z","event_types":["ok","no spaces"]}""", "/event_types/1")]
    [InlineData("""{"since":"2026-01-02T00:00:00Z","states":[]}""", "/states")]
    public async Task Bad_input_is_refused(string body, string pointer)
    {
        var endpoint = await Client.EndpointAsync("http://127.0.0.1:9/");
        using var response = await Client.SendJsonAsync(HttpMethod.Post, $"/v1/webhook-endpoints/{endpoint.Id}:replay", body);
        Assert.Equal(400, (int)response.StatusCode);
        Assert.Contains((await response.DocumentAsync())["errors"].EnumerateArray(), e => e.GetProperty("pointer").GetString() == pointer);
    }

    [Theory]
    [InlineData("""{"state":"pending"}""", 400)]
    [InlineData("""{"state":"succeeded","error":"timeout"}""", 400)]
    [InlineData("""{"endpoint_id":"whe_1"}""", 400)]
    [InlineData("""{"endpoint_id":"whe_01jk2m3n4p5q6r7s8t9v0w1x2y"}""", 404)]
    public async Task Deliveries_that_cannot_be_meant_are_refused(string body, int status)
    {
        using var response = await Client.SendJsonAsync(HttpMethod.Post, "/v1/deliveries:redeliver", body);
        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task A_replay_is_its_tenants_alone_and_there_are_only_so_many()
    {
        var endpoint = await Client.EndpointAsync("http://127.0.0.1:9/");
        var replay = await StartAsync(endpoint, """{"since":"2026-01-01T00:00:00Z"}""");
        using var stranger = fixture.Service.Client();
        using var hidden = await stranger.GetAsync("/v1/webhook-replays/" + replay.Id);
        Assert.Equal(404, (int)hidden.StatusCode);
        using var untouched = await stranger.SendJsonAsync(HttpMethod.Post, $"/v1/webhook-replays/{replay.Id}:cancel");
        Assert.Equal(404, (int)untouched.StatusCode);
        using var foreign = await stranger.SendJsonAsync(HttpMethod.Post, $"/v1/webhook-endpoints/{endpoint.Id}:replay", """{"since":"2026-01-01T00:00:00Z"}""");
        Assert.Equal(404, (int)foreign.StatusCode);
        Assert.Empty((await stranger.GetDocumentAsync("/v1/webhook-replays"))["data"].EnumerateArray());

        await EndedAsync(replay);
        await fixture.Service.Database.ExecuteAsync($"""
            INSERT INTO notifications.replay (tenant_id, id, source, until, created_at, next_at)
            SELECT '{_tenant}', gen_random_uuid(), 'deliveries', now(), now(), now() + interval '1 hour' FROM generate_series(1, {ReplayRows.MaxRunning})
            """);
        using var refused = await Client.SendJsonAsync(HttpMethod.Post, "/v1/deliveries:redeliver", "{}");
        Assert.Equal(409, (int)refused.StatusCode);
        Assert.Equal("too_many_replays", (await refused.DocumentAsync())["code"].GetString());
    }

    private async Task<Document> StartAsync(Document endpoint, string body, bool now = true)
    {
        using var response = await Client.SendJsonAsync(HttpMethod.Post, $"/v1/webhook-endpoints/{endpoint.Id}:replay", body);
        Assert.Equal(202, (int)response.StatusCode);
        var replay = await response.DocumentAsync();
        Assert.Equal("/v1/webhook-replays/" + replay.Id, response.Headers.Location!.OriginalString);
        return now ? replay : await EndedAsync(replay);
    }

    private async Task<Document> RedeliverAsync(string body)
    {
        using var response = await Client.SendJsonAsync(HttpMethod.Post, "/v1/deliveries:redeliver", body);
        Assert.Equal(202, (int)response.StatusCode);
        return await response.DocumentAsync();
    }

    private Task<Document> EndedAsync(Document replay) => Eventually.GetAsync<Document>(async () =>
        await Client.GetDocumentAsync("/v1/webhook-replays/" + replay.Id) is var r && r.State != "running" ? r : null, "the replay's end");

    private static string Now() => Rfc3339.Format(TimeProvider.System.GetUtcNow().AddSeconds(-1));

    private static OutboxMessage Event(Guid tenant) =>
        OutboxMessage.FromJson(EventTypes.ResourceCreated, Topics.Core, "core", tenant, "res_1", "{}"u8.ToArray(), TimeProvider.System);
}
