using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Platform.Contracts.Events;
using Platform.Eventing;
using Platform.Eventing.Consumers;
using Platform.Eventing.Outbox;
using Platform.ServiceDefaults.Authentication;
using Platform.Testing;

namespace Platform.Processing.Tests;

/// <summary>Refuses every event until the test is content with it.</summary>
internal sealed class Picky : IEventHandler
{
    public ConcurrentBag<Guid> Accepts { get; } = [];
    public ConcurrentQueue<string> Handled { get; } = new();

    public Task HandleAsync(ConsumerBatch batch, CancellationToken cancellationToken)
    {
        foreach (var received in batch.Events)
        {
            if (!Accepts.Contains(received.TenantId))
            {
                throw new PoisonEventException("not to my taste");
            }

            batch.AfterCommit(() => Handled.Enqueue($"{received.Subject}/{received.Read<ResourceUpdated>().Version}"));
        }

        return Task.CompletedTask;
    }
}

/// <summary>Processing with one more group, which refuses.</summary>
public sealed class LettersFixture : IAsyncLifetime
{
    public TestService Service { get; private set; } = null!;

    public async Task InitializeAsync() => Service = await TestService.StartAsync(
        "processing",
        services =>
        {
            services.AddProcessing();
            new EventingBuilder<ProcessingDatabase>(services).AddConsumer<Picky>("processing.picky", [Topics.Core, Topics.Audit], [EventTypes.ResourceUpdated]);
        },
        app => app.MapProcessing(),
        settings:
        [
            ("Outbound:AllowLoopback", "true"), ("Processing:RetryUnit", "00:00:00.010"), ("Work:processing:Poll", "00:00:00.050"),
            ("Eventing:InPlaceDelay", "00:00:00.010"), ("Eventing:RetryDelay", "00:00:00.050"), ("Eventing:Rebalance", "00:00:00.100"),
        ]);

    public async Task DisposeAsync() => await Service.DisposeAsync();
}

/// <summary>One list of what nobody could do, whoever gave it up.</summary>
public sealed class DeadLetterTests(LettersFixture fixture) : IClassFixture<LettersFixture>
{
    private readonly TestService _service = fixture.Service;
    private readonly Picky _picky = fixture.Service.Services.GetRequiredService<Picky>();

    [Fact]
    public async Task An_event_that_was_given_up_is_listed_shown_and_redriven()
    {
        var tenant = Guid.CreateVersion7();
        using var client = _service.Client(tenant, Roles.Developer);
        await PublishAsync(tenant, "res_a", 1);
        var letter = (await LettersAsync(client, 1)).Single();
        Assert.Equal(("events", "dead", "resource.updated"), (Text(letter, "source"), Text(letter, "state"), Text(letter, "type")));
        Assert.Equal(("processing.picky", "events.core", "res_a"), (Text(letter, "group"), Text(letter, "topic"), Text(letter, "key")));
        Assert.Equal(("not to my taste", typeof(PoisonEventException).FullName), (Text(letter, "reason"), Text(letter, "exception_type")));
        var path = "/v1/dead-letters/" + Text(letter, "id");
        var shown = await client.GetDocumentAsync(path);
        Assert.Equal(1, shown["payload"].GetProperty("version").GetInt32());
        Assert.Equal("events.core", shown["headers"].GetProperty("dlq_topic").GetString());

        // Again in vain: dead again under its id.
        await client.PostAsync(path + ":redrive");
        await Eventually.IsTrueAsync(async () => (await client.GetDocumentAsync(path))["deaths"].GetInt32() == 2, "dead again");
        Assert.Equal("dead", (await client.GetDocumentAsync(path)).State);

        _picky.Accepts.Add(tenant);
        Assert.Equal("redriving", (await client.PostAsync(path + ":redrive")).State);
        await Eventually.IsTrueAsync(async () => (await client.IdsAsync("/v1/dead-letters")).Length == 0, "the letter is gone");
        Assert.Contains("res_a/1", _picky.Handled);
        await client.PostAsync(path + ":redrive", 404);
    }

    [Fact]
    public async Task Asking_twice_is_asking_once()
    {
        var tenant = Guid.CreateVersion7();
        using var client = _service.Client(tenant, Roles.Developer);
        await PublishAsync(tenant, "res_twice", 1);
        var path = "/v1/dead-letters/" + Text((await LettersAsync(client, 1)).Single(), "id");
        _picky.Accepts.Add(tenant);

        // As if the service that gave it up were away.
        await _service.Database.ExecuteAsync($"UPDATE processing.letter SET state = 'redriving' WHERE tenant_id = '{tenant}'");
        var before = await _service.Database.ScalarAsync<long>("SELECT count(*) FROM stream.platform_control");
        var first = await client.PostAsync(path + ":redrive");
        Assert.Equal(first.Text, (await client.PostAsync(path + ":redrive")).Text);
        Assert.Equal("redriving", first.State);
        Assert.Equal(0L, await _service.Database.ScalarAsync<long>($"SELECT count(*) FROM processing.outbox WHERE key = 'res_twice'"));
        Assert.True(before <= await _service.Database.ScalarAsync<long>("SELECT count(*) FROM stream.platform_control"));
        Assert.Equal(0L, await _service.Database.ScalarAsync<long>("SELECT count(*) FROM stream.platform_control WHERE key = 'res_twice'"));
    }

    [Fact]
    public async Task Many_are_redriven_at_once_in_the_order_of_their_key()
    {
        var tenant = Guid.CreateVersion7();
        using var client = _service.Client(tenant, Roles.Developer);
        await PublishAsync(tenant, "res_many", [.. Enumerable.Range(1, 300)]);
        await Eventually.IsTrueAsync(
            async () => await _service.Database.ScalarAsync<long>($"SELECT count(*) FROM processing.letter WHERE tenant_id = '{tenant}'") == 300, "all dead");
        _picky.Accepts.Add(tenant);
        var first = await BulkAsync(client, """{"filter":{"source":"events","group":"processing.picky"},"limit":100}""");
        Assert.Equal((100, true), (first["redriven"].GetInt32(), first["has_more"].GetBoolean()));
        var rest = await BulkAsync(client, """{"filter":{"topic":"events.core","type":"resource.updated"}}""");
        Assert.Equal((200, false), (rest["redriven"].GetInt32(), rest["has_more"].GetBoolean()));
        await Eventually.IsTrueAsync(async () => (await client.IdsAsync("/v1/dead-letters")).Length == 0, "all gone");
        Assert.Equal(Enumerable.Range(1, 300).Select(n => $"res_many/{n}"), _picky.Handled.Where(h => h.StartsWith("res_many", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Jobs_and_events_are_in_one_list_newest_first_and_filters_narrow_it()
    {
        var tenant = Guid.CreateVersion7();
        using var client = _service.Client(tenant, Roles.Developer);
        for (var i = 0; i < 3; i++)
        {
            var job = await client.SubmittedAsync("http.request", """{"url":"http://10.0.0.1/"}""", ""","max_attempts":1""");
            await client.ReachesAsync(job.Id, "dead");
            await PublishAsync(tenant, "res_mixed", i);
            await LettersAsync(client, 2 * (i + 1));
        }

        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = await client.GetDocumentAsync("/v1/dead-letters?limit=2" + (cursor is null ? "" : "&cursor=" + cursor));
            seen.AddRange(page["data"].EnumerateArray().Select(l => Text(l, "source")));
            cursor = page["has_more"].GetBoolean() ? page["next_cursor"].GetString() : null;
        }
        while (cursor is not null);

        Assert.Equal(["events", "jobs", "events", "jobs", "events", "jobs"], seen);
        Assert.Equal(3, (await client.IdsAsync("/v1/dead-letters?source=jobs")).Length);
        Assert.Equal(3, (await client.IdsAsync("/v1/dead-letters?type=http.request")).Length);
        Assert.Equal(3, (await client.IdsAsync("/v1/dead-letters?group=processing.picky")).Length);
        Assert.Empty(await client.IdsAsync("/v1/dead-letters?topic=events.audit"));
        Assert.Empty(await client.IdsAsync("/v1/dead-letters?since=2999-01-01T00:00:00Z"));
        Assert.Equal(6, (await client.IdsAsync("/v1/dead-letters?until=2999-01-01T00:00:00Z")).Length);
        var jobs = await BulkAsync(client, """{"filter":{"source":"jobs"}}""");
        Assert.Equal((3, 0), (jobs["redriven"].GetInt32(), jobs["skipped"].GetInt32()));
    }

    [Fact]
    public async Task Another_organization_sees_nothing_and_only_operators_see_what_is_nobodys_or_an_administrators()
    {
        var tenant = Guid.CreateVersion7();
        using var owner = _service.Client(tenant);
        using var developer = _service.Client(tenant, Roles.Developer);
        using var stranger = _service.Client(role: Roles.Developer);
        await PublishAsync(tenant, "res_wall", 1);
        var id = Text((await LettersAsync(developer, 1)).Single(), "id");
        await _service.Database.ExecuteAsync("""
            INSERT INTO processing.outbox (topic, partition, key, id, headers, payload)
            VALUES ('events.core', 1, 'broken', gen_random_uuid(), '{}', '\x00ff')
            """);
        await Eventually.IsTrueAsync(
            async () => (await owner.GetDocumentAsync("/v1/dead-letters?type=dead_letter.unreadable"))["data"].GetArrayLength() > 0, "an operator sees it");
        var nobodys = (await owner.IdsAsync("/v1/dead-letters?type=dead_letter.unreadable")).First();
        Assert.Equal("AP8=", (await owner.GetDocumentAsync("/v1/dead-letters/" + nobodys))["payload_base64"].GetString());
        Assert.Empty(await developer.IdsAsync("/v1/dead-letters?type=dead_letter.unreadable"));
        Assert.Empty(await stranger.IdsAsync("/v1/dead-letters"));
        foreach (var hidden in (string[])[id, nobodys])
        {
            using var get = await stranger.GetAsync("/v1/dead-letters/" + hidden);
            Assert.Equal(404, (int)get.StatusCode);
            await stranger.PostAsync($"/v1/dead-letters/{hidden}:redrive", 404);
        }

        Assert.Equal(0, (await BulkAsync(stranger, """{"filter":{}}"""))["redriven"].GetInt32());
        Assert.Equal("redriving", (await owner.PostAsync($"/v1/dead-letters/{nobodys}:redrive")).State);

        // Keys travel on events.audit: whoever may not read keys may not read their dead letters.
        await _service.Database.ExecuteAsync($"UPDATE processing.letter SET topic = 'events.audit' WHERE tenant_id = '{tenant}'");
        Assert.Empty(await developer.IdsAsync("/v1/dead-letters"));
        Assert.Equal([id], await owner.IdsAsync("/v1/dead-letters?topic=events.audit"));
    }

    [Fact]
    public async Task A_webhook_delivery_that_was_given_up_is_listed_and_its_redrive_is_asked_of_notifications()
    {
        var tenant = Guid.CreateVersion7();
        using var client = _service.Client(tenant, Roles.Developer);
        var delivery = "dlv_" + new string('0', 25) + "1";
        var failed = new WebhookDeliveryFailed
        {
            Id = delivery, EndpointId = "whe_" + new string('0', 26), EventId = "evt_" + new string('0', 26), EventType = "resource.created",
            Attempt = 5, Final = true, StatusCode = 500,
        };
        await PublishAsync(OutboxMessage.Create("notifications", tenant, delivery, failed with { Final = false, Attempt = 1 }, TimeProvider.System));
        await PublishAsync(OutboxMessage.Create("notifications", tenant, delivery, failed, TimeProvider.System));
        var letter = (await LettersAsync(client, 1)).Single();
        Assert.Equal(("webhooks", "dead", "status 500", delivery), (Text(letter, "source"), Text(letter, "state"), Text(letter, "reason"), Text(letter, "delivery_id")));
        Assert.Equal(5, letter.GetProperty("attempts").GetInt32());
        Assert.Single(await client.IdsAsync("/v1/dead-letters?source=webhooks&type=resource.created"));
        Assert.Equal("redriving", (await client.PostAsync($"/v1/dead-letters/{Text(letter, "id")}:redrive")).State);
        await Eventually.IsTrueAsync(async () => await _service.Database.ScalarAsync<long>(
            $"SELECT count(*) FROM stream.platform_control WHERE key = '{delivery}' AND headers->>'ce_type' = 'webhook.redelivery_requested'") == 1, "it is asked for");
        await PublishAsync(OutboxMessage.Create("notifications", tenant, delivery, failed, TimeProvider.System));
        await Eventually.IsTrueAsync(async () => Text((await LettersAsync(client, 1)).Single(), "state") == "dead", "dead again");
        await PublishAsync(OutboxMessage.Create("notifications", tenant, delivery, new WebhookDeliverySucceeded
        {
            Id = delivery, EndpointId = failed.EndpointId, EventId = failed.EventId, EventType = failed.EventType, Attempt = 6, Final = true,
        }, TimeProvider.System));
        await LettersAsync(client, 0);
    }

    [Theory]
    [InlineData("""{}""", "/filter")]
    [InlineData("""{"filter":{"source":"mars"}}""", "/filter/source")]
    [InlineData("""{"filter":{"ids":["job_1"]}}""", "/filter/ids/0")]
    [InlineData("""{"filter":{"colour":"red"}}""", "/filter/colour")]
    [InlineData("""{"filter":{},"limit":0}""", "/limit")]
    public async Task A_bad_filter_is_said_precisely(string body, string pointer)
    {
        using var client = _service.Client();
        using var response = await client.SendJsonAsync(HttpMethod.Post, "/v1/dead-letters:redrive", body);
        Assert.Equal(400, (int)response.StatusCode);
        Assert.Equal(pointer, (await response.DocumentAsync())["errors"][0].GetProperty("pointer").GetString());
    }

    private Task PublishAsync(Guid tenant, string key, params int[] numbers) =>
        PublishAsync([.. numbers.Select(n => OutboxMessage.Create("processing", tenant, key, new ResourceUpdated
        {
            Id = key, Type = "sample", Version = n, CreatedAt = default, UpdatedAt = default,
        }, TimeProvider.System))]);

    private async Task PublishAsync(params OutboxMessage[] messages)
    {
        await using var connection = await _service.Services.GetRequiredService<ProcessingDatabase>().System.OpenConnectionAsync();
        await using var batch = new NpgsqlBatch(connection);
        OutboxWriter.AppendMany(batch, "processing", messages);
        await batch.ExecuteNonQueryAsync();
    }

    private static async Task<System.Text.Json.JsonElement[]> LettersAsync(HttpClient client, int count)
    {
        System.Text.Json.JsonElement[] letters = [];
        await Eventually.IsTrueAsync(async () =>
        {
            letters = [.. (await client.GetDocumentAsync("/v1/dead-letters"))["data"].EnumerateArray().Where(l => Text(l, "type") != "dead_letter.unreadable")];
            return letters.Length == count;
        }, $"{count} letters");
        return letters;
    }

    private static async Task<Document> BulkAsync(HttpClient client, string body)
    {
        using var response = await client.SendJsonAsync(HttpMethod.Post, "/v1/dead-letters:redrive", body);
        var document = await response.DocumentAsync();
        Assert.True((int)response.StatusCode == 200, document.Text);
        return document;
    }

    private static string Text(System.Text.Json.JsonElement letter, string name) => letter.GetProperty(name).GetString()!;
}
