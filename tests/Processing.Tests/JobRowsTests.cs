using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Platform.Contracts.Identifiers;
using Platform.Processing.Jobs;
using Platform.Processing.Running;

namespace Platform.Processing.Tests;

/// <summary>What the rows of jobs promise: an end or a work item and never both, and look-ups that read one day.</summary>
public sealed class JobRowsTests : IAsyncLifetime
{
    private const string Torn = """
        SELECT (SELECT count(*) FROM processing.job_end e JOIN processing.work_item w USING (tenant_id, id))
             + (SELECT count(*) FROM processing.job j WHERE NOT EXISTS (SELECT FROM processing.job_end e WHERE e.id = j.id)
                AND NOT EXISTS (SELECT FROM processing.work_item w WHERE w.id = j.id))
        """;

    private readonly Guid _tenant = TypeId.New(TimeProvider.System);
    private TestService _service = null!;
    private HttpClient _client = null!;

    public async Task InitializeAsync()
    {
        _service = await ProcessingFixture.StartAsync(null, ("Work:processing:RetryDelay", "00:00:00.020"));
        _client = _service.Client(_tenant);
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _service.DisposeAsync();
    }

    [Fact]
    public async Task A_worker_whose_connection_dies_at_the_commit_has_ended_nothing_and_ends_it_then()
    {
        // Everything is written; then, at its commit, the connection is killed: five times in a row.
        await _service.Database.ExecuteAsync("""
            CREATE SEQUENCE processing.interruption;
            CREATE FUNCTION processing.interrupt() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
                IF nextval('processing.interruption') <= 5 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
                RETURN NULL;
            END $$;
            CREATE CONSTRAINT TRIGGER interrupt AFTER INSERT ON processing.job_end DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION processing.interrupt();
            """);
        var ids = await SubmitAsync(40);
        long torn = 0;
        await Eventually.IsTrueAsync(async () =>
        {
            torn += await _service.Database.ScalarAsync<long>(Torn);
            return await _service.Database.ScalarAsync<long>("SELECT count(*) FROM processing.job_end") == ids.Length;
        }, "all have ended");
        Assert.Equal((0L, 0L), (torn, await _service.Database.ScalarAsync<long>("SELECT count(*) FROM processing.work_item")));
        Assert.True(await _service.Database.ScalarAsync<long>("SELECT last_value FROM processing.interruption") > 5);
        await Eventually.IsTrueAsync(
            async () => await _service.Database.ScalarAsync<long>("SELECT count(*) FROM stream.events_core WHERE headers::json->>'ce_type' = 'job.succeeded'") >= ids.Length, "the ends are told");
        Assert.Equal((long)ids.Length, await _service.Database.ScalarAsync<long>("SELECT count(*) FROM stream.events_core WHERE headers::json->>'ce_type' = 'job.succeeded'"));
    }

    [Fact]
    public async Task Callers_who_cancel_and_start_over_at_the_same_time_leave_one_truth()
    {
        var ids = await SubmitAsync(6, ""","run_at":"2999-01-01T00:00:00Z" """);
        for (var round = 0; round < 5; round++)
        {
            var answers = await Task.WhenAll(ids.SelectMany(id => (string[])[":cancel", ":retry", ":cancel", ":retry"]).Zip(ids.SelectMany(id => Enumerable.Repeat(id, 4)), async (verb, id) =>
            {
                using var answer = await _client.SendJsonAsync(HttpMethod.Post, $"/v1/jobs/{id}{verb}", null);
                return (int)answer.StatusCode;
            }));
            Assert.All(answers, status => Assert.True(status is 200 or 409, status.ToString()));
            Assert.Equal(0L, await _service.Database.ScalarAsync<long>(Torn));
        }
    }

    [Fact]
    public async Task A_look_up_by_ids_reads_one_day_by_its_index()
    {
        await SubmitAsync(20);
        await Eventually.IsTrueAsync(async () => await _service.Database.ScalarAsync<long>("SELECT count(*) FROM processing.job_end") == 20, "all have ended");
        Assert.True(await _service.Database.ScalarAsync<long>("SELECT count(*) FROM pg_inherits WHERE inhparent = 'processing.job'::regclass") >= 4);
        var id = await _service.Database.ScalarAsync<Guid>("SELECT id FROM processing.job LIMIT 1");
        var day = "_" + TimeProvider.System.GetUtcNow().ToString("yyyyMMdd", System.Globalization.CultureInfo.InvariantCulture);

        var one = await ExplainAsync(JobRows.Find(_tenant, id));
        Assert.Equal(["job_end_pkey", "job_failure_pkey", "job_pkey", "job_progress_pkey", "work_item_pkey"], one.Select(i => i.Replace(day, "", StringComparison.Ordinal)).Order(StringComparer.Ordinal));

        var loaded = await ExplainAsync(RunnableJob.Load([new(id, _tenant, "default", "", 1, 1)]));
        Assert.Equal(["job_pkey"], loaded.Select(i => i.Replace(day, "", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("/v1/jobs")]
    [InlineData("/v1/jobs?state=succeeded")]
    [InlineData("/v1/jobs?state=cancelled")]
    [InlineData("/v1/jobs?state=dead")]
    public async Task A_list_of_ends_is_those_that_ended_so(string path)
    {
        var succeeded = await SubmitAsync(2);
        var cancelled = await SubmitAsync(2, ""","run_at":"2999-01-01T00:00:00Z" """);
        using var refused = await _client.SubmitAsync("""{"type":"http.request","payload":{"url":"http://10.0.0.1/"},"max_attempts":1}""");
        var dead = (await refused.DocumentAsync()).Id;
        await _client.ReachesAsync(dead, "dead");
        foreach (var id in cancelled)
        {
            await _client.PostAsync($"/v1/jobs/{id}:cancel");
        }

        foreach (var id in succeeded)
        {
            await _client.ReachesAsync(id, "succeeded");
        }

        string[] expected = path[^1] switch { 's' => [.. succeeded, .. cancelled, dead], _ when path.EndsWith("succeeded", StringComparison.Ordinal) => succeeded, _ when path.EndsWith("cancelled", StringComparison.Ordinal) => cancelled, _ => [dead] };
        Assert.Equal(expected.OrderDescending(StringComparer.Ordinal), await _client.IdsAsync(path));
    }

    private async Task<string[]> SubmitAsync(int count, string more = "") =>
        [.. await Task.WhenAll(Enumerable.Range(0, count).Select(async _ => (await _client.SubmittedAsync("noop", "{}", more)).Id))];

    /// <summary>The indexes that the statement really searches, as it runs: with one plan for all ids.</summary>
    private async Task<string[]> ExplainAsync(NpgsqlBatchCommand command)
    {
        await using var connection = new NpgsqlConnection(_service.Database.ConnectionString + ";Options=-c platform.scope=system");
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var settings = new NpgsqlBatch(connection) { BatchCommands = { JobRows.ByIds() } })
        {
            await settings.ExecuteNonQueryAsync();
        }

        command.CommandText = "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) " + command.CommandText;
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { command } };
        await using var reader = await batch.ExecuteReaderAsync();
        var searched = new List<string>();
        while (await reader.ReadAsync())
        {
            var line = reader.GetString(0);
            Assert.False(line.Contains("Seq Scan", StringComparison.Ordinal) && !line.Contains("never executed", StringComparison.Ordinal), line);
            if (line.Contains(" using ", StringComparison.Ordinal) && !line.Contains("never executed", StringComparison.Ordinal))
            {
                searched.Add(line.Split(" using ")[1].Split(' ')[0]);
            }
        }

        return [.. searched];
    }
}
