using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Platform.Contracts.Identifiers;
using Platform.Eventing.Database;
using Platform.Processing.Jobs;
using Platform.Processing.Retention;

namespace Platform.Processing.Tests;

/// <summary>Days that are over: what goes with them and what outlives them.</summary>
public sealed class JobDaysTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Old = TimeProvider.System.GetUtcNow().AddDays(-10);
    private readonly Guid _tenant = TypeId.New(TimeProvider.System);
    private TestService _service = null!;
    private HttpClient _client = null!;
    private ProcessingDatabase _database = null!;

    public async Task InitializeAsync()
    {
        _service = await ProcessingFixture.StartAsync();
        _client = _service.Client(_tenant);
        _database = _service.Services.GetRequiredService<ProcessingDatabase>();
        await HasDayAsync(Old);
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _service.DisposeAsync();
    }

    [Fact]
    public async Task What_is_alive_or_dead_outlives_its_day_and_works_as_before()
    {
        var waiting = await StartedAsync("noop", "{}", later: true);
        var done = await StartedAsync("noop", "{}");
        var dead = await StartedAsync("http.request", """{"url":"http://10.0.0.1/"}""");
        var cancelled = await StartedAsync("noop", "{}", later: true);
        await _client.ReachesAsync(done, "succeeded");
        var before = await _client.ReachesAsync(dead, "dead");
        await _client.PostAsync($"/v1/jobs/{cancelled}:cancel");
        Assert.Equal(4L, await CountAsync("job_" + Day(Old)));

        await TurnAsync();
        Assert.False(await _service.Database.ScalarAsync<bool>($"SELECT to_regclass('processing.job_{Day(Old)}') IS NOT NULL"));
        Assert.Equal((2L, 1L, 1L), (await CountAsync("job"), await CountAsync("job_end"), await CountAsync("job_failure")));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(done));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(cancelled));
        Assert.Equal(before.Text, (await _client.GetDocumentAsync("/v1/jobs/" + dead)).Text);
        Assert.Equal([dead], await _client.IdsAsync("/v1/jobs?state=dead"));

        var letter = Assert.Single(await _client.IdsAsync("/v1/dead-letters?source=jobs"));
        Assert.Equal("available", (await _client.PostAsync($"/v1/dead-letters/{letter}:redrive")).State);
        Assert.Equal(2, (await _client.ReachesAsync(dead, "dead"))["errors"].GetArrayLength());
        await _client.PostAsync($"/v1/jobs/{waiting}:retry");
        await _client.ReachesAsync(waiting, "succeeded");
    }

    [Fact]
    public async Task What_has_outlived_its_day_goes_once_it_has_ended_long_ago()
    {
        var waiting = await StartedAsync("noop", "{}", later: true);
        var dead = await StartedAsync("http.request", """{"url":"http://10.0.0.1/"}""");
        await _client.ReachesAsync(dead, "dead");
        await TurnAsync();
        await _client.PostAsync($"/v1/jobs/{waiting}:cancel");
        await TurnAsync();
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(waiting));

        await _service.Database.ExecuteAsync("UPDATE processing.job_end SET finished_at = finished_at - interval '8 days'");
        await TurnAsync();
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.OK), (await StatusAsync(waiting), await StatusAsync(dead)));

        await _service.Database.ExecuteAsync("UPDATE processing.dead_letter SET died_at = died_at - interval '31 days'");
        await TurnAsync();
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(dead));
        Assert.Empty(await _client.IdsAsync("/v1/dead-letters"));
        Assert.Equal((0L, 0L, 0L), (await CountAsync("job"), await CountAsync("job_end"), await CountAsync("job_failure")));
    }

    [Fact]
    public async Task A_day_of_which_too_much_is_alive_stays_and_the_next_one_goes()
    {
        var next = Old.AddDays(1);
        await HasDayAsync(next);
        await _service.Database.ExecuteAsync($"""
            INSERT INTO processing.work_item (tenant_id, id, queue, priority, state, rank, run_at)
            SELECT '{_tenant}', (substr('{Guid.CreateVersion7(Old)}', 1, 24) || lpad(to_hex(n), 12, '0'))::uuid, 'bulk', 0, 0, now(), '2999-01-01'
            FROM generate_series(0, {JobDays.MaxHeirs}) n
            """);
        await TurnAsync();
        Assert.True(await _service.Database.ScalarAsync<bool>($"SELECT to_regclass('processing.job_{Day(Old)}') IS NOT NULL"));
        Assert.False(await _service.Database.ScalarAsync<bool>($"SELECT to_regclass('processing.job_{Day(next)}') IS NOT NULL"));
    }

    [Fact]
    public async Task Who_starts_a_job_over_while_its_day_goes_has_it_alive_or_finds_it_gone()
    {
        var ids = new List<string>();
        for (var i = 0; i < 20; i++)
        {
            ids.Add(await StartedAsync("noop", "{}", later: true));
            await _client.PostAsync($"/v1/jobs/{ids[^1]}:cancel");
        }

        var turn = TurnAsync();
        var answers = await Task.WhenAll(ids.Select(async id =>
        {
            using var answer = await _client.SendJsonAsync(HttpMethod.Post, $"/v1/jobs/{id}:retry", null);
            return (id, answer.StatusCode);
        }));
        await turn;
        foreach (var (id, status) in answers)
        {
            Assert.True(status is HttpStatusCode.OK or HttpStatusCode.NotFound, status.ToString());
            if (status == HttpStatusCode.OK)
            {
                await _client.ReachesAsync(id, "succeeded");
            }
        }
    }

    /// <summary>A job whose id is of the old day.</summary>
    private async Task<string> StartedAsync(string type, string payload, bool later = false)
    {
        var job = new Job
        {
            Id = Guid.CreateVersion7(Old), Queue = "default", Type = type, Payload = System.Text.Encoding.UTF8.GetBytes(payload), Priority = 0,
            State = later ? JobState.Scheduled : JobState.Available, RunAt = later ? Old.AddYears(100) : Old, MaxAttempts = 1, TimeoutSeconds = 5, CreatedAt = Old,
        };
        await using var connection = await _database.System.OpenConnectionAsync();
        await using var batch = new NpgsqlBatch(connection);
        JobRows.InsertMany(batch, [(_tenant, job)], TimeProvider.System);
        await batch.ExecuteNonQueryAsync();
        return job.PublicId;
    }

    private async Task HasDayAsync(DateTimeOffset time)
    {
        var day = DateOnly.FromDateTime(time.UtcDateTime);
        foreach (var table in (string[])["job", "job_end", "job_failure"])
        {
            await _service.Database.ExecuteAsync($"""
                CREATE TABLE processing.{table}_{Day(time)} PARTITION OF processing.{table}
                    FOR VALUES FROM ({DayPartitions.FirstIdOf(day)}) TO ({DayPartitions.FirstIdOf(day.AddDays(1))});
                ALTER TABLE processing.{table}_{Day(time)} OWNER TO platform;
                ALTER TABLE processing.{table}_{Day(time)} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY
                """);
        }
    }

    /// <summary>The hourly turn, which may drop a day again.</summary>
    private async Task TurnAsync()
    {
        await _service.Database.ExecuteAsync("DELETE FROM processing.partition_drop WHERE table_name = 'job'");
        await _service.Services.GetRequiredService<JobDays>().RunOnceAsync(CancellationToken.None);
    }

    private async Task<HttpStatusCode> StatusAsync(string id)
    {
        using var answer = await _client.GetAsync("/v1/jobs/" + id);
        return answer.StatusCode;
    }

    private Task<long> CountAsync(string table) => _service.Database.ScalarAsync<long>($"SELECT count(*) FROM processing.{table}");

    private static string Day(DateTimeOffset time) => time.UtcDateTime.ToString("yyyyMMdd", System.Globalization.CultureInfo.InvariantCulture);
}
