using System.Net;
using Platform.Testing;

namespace Platform.CoreApi.Tests;

/// <summary>A duplicate request has one effect, whenever it comes.</summary>
public sealed class IdempotencyTests(CoreApiFixture fixture) : IClassFixture<CoreApiFixture>
{
    private const string Body = """{"type":"order","data":{"n":1,"m":2}}""";

    [Fact]
    public async Task The_same_request_gets_the_stored_answer()
    {
        using var client = fixture.Service.Client();
        using var first = await client.CreateAsync(Body, "k1");
        using var again = await client.CreateAsync("""{ "data": {"m": 2, "n": 1},  "type": "\u006frder" }""", "k1");
        Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        Assert.False(first.Headers.Contains("Idempotency-Replayed"));
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal("true", again.Headers.GetValues("Idempotency-Replayed").Single());
        Assert.Equal(await first.Content.ReadAsStringAsync(), await again.Content.ReadAsStringAsync());
        Assert.Equal(first.Headers.Location, again.Headers.Location);
        Assert.Equal(first.Headers.ETag, again.Headers.ETag);
    }

    [Fact]
    public async Task Another_request_with_the_same_key_is_refused()
    {
        using var client = fixture.Service.Client();
        using var first = await client.CreateAsync(Body, "k1");
        using var other = await client.CreateAsync("""{"type":"order","data":{"n":2,"m":2}}""", "k1");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.StatusCode);
        Assert.Equal("idempotency_key_reused", (await other.DocumentAsync())["code"].GetString());
        Assert.Equal(1, (await client.GetDocumentAsync("/v1/resources"))["data"].GetArrayLength());
    }

    [Fact]
    public async Task Keys_of_two_tenants_do_not_meet()
    {
        using var one = fixture.Service.Client();
        using var two = fixture.Service.Client();
        Assert.Equal(HttpStatusCode.Created, (await one.CreateAsync(Body, "k1")).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await two.CreateAsync(Body, "k1")).StatusCode);
    }

    [Fact]
    public async Task A_refusal_by_the_state_is_stored_and_one_by_the_input_is_not()
    {
        using var client = fixture.Service.Client();
        var path = "/v1/resources/" + (await client.CreatedAsync()).Id;
        using var stale = await client.SendJsonAsync(HttpMethod.Patch, path, """{"data":{"n":5}}""", ("If-Match", "\"7\""), ("Idempotency-Key", "p1"));
        using var staleAgain = await client.SendJsonAsync(HttpMethod.Patch, path, """{"data":{"n":5}}""", ("If-Match", "\"7\""), ("Idempotency-Key", "p1"));
        Assert.Equal(HttpStatusCode.PreconditionFailed, staleAgain.StatusCode);
        Assert.True(staleAgain.Headers.Contains("Idempotency-Replayed"));
        Assert.Equal(await stale.Content.ReadAsStringAsync(), await staleAgain.Content.ReadAsStringAsync());

        using var bad = await client.CreateAsync("""{"type":"order"}""", "b1");
        using var mended = await client.CreateAsync(Body, "b1");
        Assert.Equal(HttpStatusCode.BadRequest, bad.StatusCode);
        Assert.Equal(HttpStatusCode.Created, mended.StatusCode);
    }

    [Fact]
    public async Task A_change_and_a_deletion_are_replayed_too()
    {
        using var client = fixture.Service.Client();
        var path = "/v1/resources/" + (await client.CreatedAsync()).Id;
        for (var i = 0; i < 2; i++)
        {
            using var patched = await client.SendJsonAsync(HttpMethod.Patch, path, """{"data":{"n":5}}""", ("Idempotency-Key", "p"));
            Assert.Equal(2, (await patched.DocumentAsync())["version"].GetInt32());
            Assert.Equal(i == 1, patched.Headers.Contains("Idempotency-Replayed"));
        }

        for (var i = 0; i < 2; i++)
        {
            using var deleted = await client.SendJsonAsync(HttpMethod.Delete, path, null, ("Idempotency-Key", "d"));
            Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        }
    }

    [Fact]
    public async Task A_hundred_at_once_on_two_instances_have_one_effect()
    {
        await using var second = await CoreApiFixture.StartAsync(fixture.Service.Database);
        var tenant = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        using var one = fixture.Service.Client(tenant);
        using var two = second.Client(tenant);
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => (i % 2 == 0 ? one : two).CreateAsync(Body, "same")));
        Assert.Single(answers, a => a.StatusCode == HttpStatusCode.Created);
        Assert.All(answers, a => Assert.True(a.StatusCode is HttpStatusCode.Created or HttpStatusCode.OK or HttpStatusCode.Conflict, a.StatusCode.ToString()));
        var bodies = await Task.WhenAll(answers.Where(a => a.IsSuccessStatusCode).Select(a => a.Content.ReadAsStringAsync()));
        Assert.Single(bodies.Distinct());
        Assert.Equal(1L, await fixture.Service.Database.ScalarAsync<long>($"SELECT count(*) FROM core.resource WHERE tenant_id = '{tenant}'"));
        var org = Platform.Contracts.Identifiers.TypeId.Format("org", tenant);
        await Eventually.IsTrueAsync(
            async () => await fixture.Service.Database.ScalarAsync<long>($"SELECT count(*) FROM stream.events_core WHERE headers->>'ce_tenantid' = '{org}'") == 1,
            "one event in the stream");
        Assert.Equal(0L, await fixture.Service.Database.ScalarAsync<long>($"SELECT count(*) FROM core.outbox WHERE topic = 'events.core' AND headers->>'ce_tenantid' = '{org}'"));
    }

    [Fact]
    public async Task A_twin_of_a_request_that_never_ends_is_told_so_and_a_crash_frees_the_key()
    {
        using var client = fixture.Service.Client();
        var tenant = Guid.Parse(client.DefaultRequestHeaders.Authorization!.Parameter!.Split(':')[1]);

        // The first request as another process would hold it: claimed, not committed.
        var stuck = new Npgsql.NpgsqlConnection(fixture.Service.Database.AdminConnectionString + ";Pooling=false");
        await stuck.OpenAsync();
        await using (var begin = new Npgsql.NpgsqlCommand($"""
            BEGIN; INSERT INTO core.idempotency (tenant_id, route, key, fingerprint, status, headers, body)
            VALUES ('{tenant}', 'POST /v1/resources', 'slow', '', 0, '', '')
            """, stuck))
        {
            await begin.ExecuteNonQueryAsync();
        }

        using var twin = await client.CreateAsync(Body, "slow");
        Assert.Equal(HttpStatusCode.Conflict, twin.StatusCode);
        Assert.Equal("idempotency_in_progress", (await twin.DocumentAsync())["code"].GetString());

        await stuck.DisposeAsync();
        await Eventually.IsTrueAsync(async () => (await client.CreateAsync(Body, "slow")).StatusCode == HttpStatusCode.Created, "the key is free again");
    }

    [Fact]
    public async Task A_resource_that_another_holds_is_no_running_twin()
    {
        using var client = fixture.Service.Client();
        var created = await client.CreatedAsync();
        await using var holder = new Npgsql.NpgsqlConnection(fixture.Service.Database.AdminConnectionString + ";Pooling=false");
        await holder.OpenAsync();
        await using var transaction = await holder.BeginTransactionAsync();
        await using (var hold = new Npgsql.NpgsqlCommand("SELECT 1 FROM core.resource FOR UPDATE", holder))
        {
            await hold.ExecuteNonQueryAsync();
        }

        using var busy = await client.SendJsonAsync(HttpMethod.Patch, "/v1/resources/" + created.Id, """{"data":{"n":5}}""", ("Idempotency-Key", "held"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, busy.StatusCode);
        Assert.Equal("unavailable", (await busy.DocumentAsync())["code"].GetString());
        Assert.NotNull(busy.Headers.RetryAfter);
        await transaction.RollbackAsync();
        using var again = await client.SendJsonAsync(HttpMethod.Patch, "/v1/resources/" + created.Id, """{"data":{"n":5}}""", ("Idempotency-Key", "held"));
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
    }

    [Fact]
    public async Task A_label_that_no_state_could_take_spends_no_key()
    {
        using var client = fixture.Service.Client();
        var path = "/v1/resources/" + (await client.CreatedAsync(labels: """{"a":"1","b":"2"}""")).Id;
        foreach (var wrong in (string[])["7", "{}", "[]", "true", "\"" + new string('x', 256) + "\""])
        {
            using var bad = await client.SendJsonAsync(HttpMethod.Patch, path, $$"""{"labels":{"c":{{wrong}} } }""", ("Idempotency-Key", "l1"));
            Assert.Equal(HttpStatusCode.BadRequest, bad.StatusCode);
            Assert.Equal("/labels/c", (await bad.DocumentAsync())["errors"][0].GetProperty("pointer").GetString());
        }

        using var mended = await client.SendJsonAsync(HttpMethod.Patch, path, """{"labels":{"c":"3","a":null}}""", ("Idempotency-Key", "l1"));
        Assert.Equal(HttpStatusCode.OK, mended.StatusCode);
        Assert.Equal("""{"b":"2","c":"3"}""", (await mended.DocumentAsync())["labels"].GetRawText());
        using var none = await client.SendJsonAsync(HttpMethod.Patch, path, """{"labels":null}""");
        Assert.Equal("{}", (await none.DocumentAsync())["labels"].GetRawText());
    }

    [Fact]
    public async Task A_key_is_good_for_a_day()
    {
        using var client = fixture.Service.Client();
        using var first = await client.CreateAsync(Body, "daily");
        await fixture.Service.Database.ExecuteAsync("UPDATE core.idempotency SET created_at = created_at - interval '25 hours' WHERE key = 'daily'");
        using var nextDay = await client.CreateAsync(Body, "daily");
        Assert.Equal(HttpStatusCode.Created, nextDay.StatusCode);
        Assert.NotEqual(first.Headers.Location, nextDay.Headers.Location);
    }
}
