using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Platform.Contracts.Events;
using Platform.ServiceDefaults.Idempotency;
using Platform.Testing;

namespace Platform.CoreApi.Tests.Feed;

/// <summary>Server-sent events and the same events as a list.</summary>
public sealed class EventStreamTests(CoreApiFixture fixture) : IClassFixture<CoreApiFixture>
{
    private readonly Guid _tenant = Publishing.NewTenant();

    private TestService Service => fixture.Service;

    [Fact]
    public async Task What_happens_arrives_in_order_in_one_shape_everywhere()
    {
        using var client = Service.Client(_tenant);
        using var stream = await SseClient.OpenAsync(client);
        Assert.Equal("text/event-stream", stream.Response.Content.Headers.ContentType!.ToString());
        Assert.Equal("no-store", stream.Response.Headers.CacheControl!.ToString());
        var resource = await client.CreatedAsync(labels: """{"env":"prod"}""", data: "{ \"a\": \"\u00fc\\n\",\n \"b\": [1, 2] }");
        using var patched = await client.SendJsonAsync(HttpMethod.Patch, "/v1/resources/" + resource.Id, """{"data":{"n":2}}""");
        using var deleted = await client.DeleteAsync("/v1/resources/" + resource.Id);

        var events = await stream.ReadAsync(3);
        Assert.Equal([1, 2, 3], events.Select(e => e.Position));
        Assert.Equal([EventTypes.ResourceCreated, EventTypes.ResourceUpdated, EventTypes.ResourceDeleted], events.Select(e => e.Type));
        var first = events[0].Json;
        Assert.Equal(["id", "type", "subject", "time", "position", "data"], first.EnumerateObject().Select(p => p.Name));
        Assert.Equal(resource.Id, first.GetProperty("subject").GetString());
        Assert.Equal(resource.Id, first.GetProperty("data").GetProperty("id").GetString());
        Assert.True(JsonElement.DeepEquals(resource["data"], first.GetProperty("data").GetProperty("data")));

        var one = await client.GetDocumentAsync("/v1/events/" + first.GetProperty("id").GetString());
        Assert.Equal(events[0].Data, one.Text);
        var list = await client.GetDocumentAsync("/v1/events");
        Assert.Equal($$"""{"data":[{{string.Join(',', events.Select(e => e.Data))}}],"next_cursor":null,"has_more":false}""", list.Text);
        using var selected = await client.GetAsync($"/v1/events/{first.GetProperty("id").GetString()}?fields=id,position");
        Assert.Equal($$"""{"id":"{{first.GetProperty("id").GetString()}}","position":1}""", await selected.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_client_resumes_where_it_was()
    {
        using var client = Service.Client(_tenant);
        await Service.PublishAsync(_tenant, 10);
        await Service.RecordedAsync(_tenant, 10);
        using (var fromNow = await SseClient.OpenAsync(client))
        {
            Assert.Equal("10", fromNow.LastEventId);
            await Service.PublishAsync(_tenant, 1, first: 10);
            Assert.Equal(11, (await fromNow.ReadAsync())!.Position);
        }

        using var resumed = await SseClient.OpenAsync(client, "?after=2", lastEventId: "7");
        Assert.Equal([8, 9, 10, 11], (await resumed.ReadAsync(4)).Select(e => e.Position));
        using var all = await SseClient.OpenAsync(client, "?after=0");
        Assert.Equal(Enumerable.Range(1, 11).Select(i => (long)i), (await all.ReadAsync(11)).Select(e => e.Position));
    }

    [Fact]
    public async Task Pages_and_cursors_cover_everything_once()
    {
        using var client = Service.Client(_tenant);
        await Service.PublishAsync(_tenant, 7);
        await Service.RecordedAsync(_tenant, 7);
        var positions = new List<long>();
        var query = "?limit=3&after=1";
        while (true)
        {
            var page = await client.GetDocumentAsync("/v1/events" + query);
            positions.AddRange(page["data"].EnumerateArray().Select(e => e.GetProperty("position").GetInt64()));
            if (!page["has_more"].GetBoolean())
            {
                break;
            }

            query = "?limit=3&cursor=" + page["next_cursor"].GetString();
        }

        Assert.Equal([2, 3, 4, 5, 6, 7], positions);
    }

    [Fact]
    public async Task Filters_hold_for_lists_and_streams()
    {
        using var client = Service.Client(_tenant);
        using var live = await SseClient.OpenAsync(client, "?type=job.*&type=resource.deleted&subject=a&label=env:prod");
        (string Type, string Subject, string Data)[] events =
        [
            (EventTypes.JobCreated, "a", """{"labels":{"env":"prod","x":"y"}}"""), (EventTypes.JobCreated, "b", """{"labels":{"env":"prod"}}"""),
            (EventTypes.JobDead, "a", """{"labels":{"env":"test"}}"""), (EventTypes.JobDead, "a", "{}"), (EventTypes.ResourceCreated, "a", """{"labels":{"env":"prod"}}"""),
            (EventTypes.ResourceDeleted, "a", """{"labels":{"env":"prod"},"z":{"labels":1}}"""), ("jobs.other", "a", """{"labels":{"env":"prod"}}"""),
        ];
        foreach (var (type, subject, data) in events)
        {
            await Service.PublishAsync(_tenant, type, subject, data);
            await Service.RecordedAsync(_tenant, Array.IndexOf(events, (type, subject, data)) + 1);
        }

        Assert.Equal([1, 6], (await live.ReadAsync(2)).Select(e => e.Position));
        using var past = await SseClient.OpenAsync(client, "?type=job.*&type=resource.deleted&subject=a&label=env:prod&after=0");
        Assert.Equal([1, 6], (await past.ReadAsync(2)).Select(e => e.Position));
        var list = await client.GetDocumentAsync("/v1/events?type=job.*&type=resource.deleted&subject=a&label=env:prod");
        Assert.Equal([1, 6], list["data"].EnumerateArray().Select(e => e.GetProperty("position").GetInt64()));
        var any = await client.GetDocumentAsync("/v1/events?type=*&subject=b");
        Assert.Equal(2, any["data"][0].GetProperty("position").GetInt64());
    }

    [Theory]
    [InlineData("?after=-1", "after")]
    [InlineData("?after=x", "after")]
    [InlineData("?after=99999999999999999999", "after")]
    [InlineData("?after=1", "after")]
    [InlineData("?type=Resource", "type")]
    [InlineData("?type=", "type")]
    [InlineData("?label=nocolon", "label")]
    [InlineData("?label=a:1&label=a:2", "label")]
    [InlineData("?subject=%00", "subject")]
    public async Task Bad_input_is_refused_precisely(string query, string pointer)
    {
        using var client = Service.Client(_tenant);
        foreach (var path in new[] { "/v1/events", "/v1/events/stream" })
        {
            using var response = await client.GetAsync(path + query);
            Assert.Equal(400, (int)response.StatusCode);
            var problem = await response.DocumentAsync();
            Assert.Equal(pointer, problem["errors"][0].GetProperty("pointer").GetString());
        }
    }

    [Theory]
    [InlineData("5")]
    [InlineData("garbage")]
    [InlineData("-1")]
    public async Task A_token_that_was_never_given_out_is_a_gap_and_goes_on_from_the_head(string token)
    {
        using var client = Service.Client(_tenant);
        await Service.PublishAsync(_tenant, 2);
        await Service.RecordedAsync(_tenant, 2);
        using var stream = await SseClient.OpenAsync(client, lastEventId: token);
        await Service.PublishAsync(_tenant, 1, first: 2);
        var events = await stream.ReadAsync(2);
        Assert.Equal("gap", events[0].Type);
        Assert.Equal("""{"from":null,"to":null,"reason":"unknown_position","position":2}""", events[0].Data);
        Assert.Equal((EventTypes.ResourceCreated, 3L), (events[1].Type, events[1].Position));
    }

    [Fact]
    public async Task Tenants_see_their_own_events_and_positions_only()
    {
        var other = Publishing.NewTenant();
        using var client = Service.Client(_tenant);
        using var stranger = Service.Client(other);
        using var stream = await SseClient.OpenAsync(client, "?after=0");
        for (var i = 0; i < 5; i++)
        {
            await Service.PublishAsync(other, 3, first: i * 3);
            await Service.PublishAsync(_tenant, 1, first: i);
        }

        var events = await stream.ReadAsync(5);
        Assert.Equal([1, 2, 3, 4, 5], events.Select(e => e.Position));
        var id = events[0].Json.GetProperty("id").GetString();
        using var foreign = await stranger.GetAsync("/v1/events/" + id);
        using var missing = await stranger.GetAsync("/v1/events/evt_00000000000000000000000000");
        Assert.Equal(404, (int)foreign.StatusCode);
        Assert.Equal(404, (int)missing.StatusCode);
        var theirs = await stranger.GetDocumentAsync("/v1/events?limit=200");
        Assert.DoesNotContain(id!, theirs.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Row_level_security_holds_for_the_feed()
    {
        await Service.PublishAsync(_tenant, 2);
        await Service.RecordedAsync(_tenant, 2);
        var database = Service.Services.GetRequiredService<CoreDatabase>();
        await Service.PublishAsync(Publishing.NewTenant(), 1);
        await using (var connection = await database.Requests.OpenConnectionAsync())
        {
            await using var batch = new NpgsqlBatch(connection) { BatchCommands = { TenantScope.Set(_tenant), new("SELECT count(*) FROM core.feed_event"), new("SELECT count(*) FROM core.feed_head") } };
            await using var reader = await batch.ExecuteReaderAsync();
            foreach (var expected in new[] { 2L, 1L })
            {
                await reader.NextResultAsync();
                await reader.ReadAsync();
                Assert.Equal(expected, reader.GetInt64(0));
            }
        }

        await using var count = database.Requests.CreateCommand("SELECT (SELECT count(*) FROM core.feed_event) + (SELECT count(*) FROM core.feed_head)");
        Assert.Equal(0L, await count.ExecuteScalarAsync());
        var day = await Service.Database.ScalarAsync<string>("SELECT tableoid::regclass::text FROM core.feed_event LIMIT 1");
        await using var direct = database.Requests.CreateCommand($"SELECT count(*) FROM {day}");
        Assert.Equal(0L, await direct.ExecuteScalarAsync());
    }

    [Fact]
    public async Task Who_may_not_read_events_is_refused()
    {
        using var client = Service.Client(_tenant, scopes: "resources.read");
        foreach (var path in new[] { "/v1/events", "/v1/events/stream", "/v1/events/evt_00000000000000000000000000", "/v1/stream" })
        {
            using var response = await client.GetAsync(path);
            Assert.Equal(403, (int)response.StatusCode);
        }
    }

    [Fact]
    public async Task Data_that_is_no_json_becomes_a_dead_letter_and_breaks_no_stream()
    {
        using var client = Service.Client(_tenant);
        using var stream = await SseClient.OpenAsync(client);
        await Service.PublishAsync(_tenant, EventTypes.JobCreated, "bad", "{\"a\":");
        await Service.PublishAsync(_tenant, EventTypes.JobCreated, "good", "{\"a\":\r\n\"\\ud800\"}");
        var received = (await stream.ReadAsync())!;
        Assert.Equal("good", received.Json.GetProperty("subject").GetString());
        await Eventually.IsTrueAsync(
            async () => await Service.Database.ScalarAsync<long>($"SELECT count(*) FROM core.dead_event WHERE consumer_group = 'core.feed' AND key = 'bad'") == 1, "a dead letter");
    }
}
