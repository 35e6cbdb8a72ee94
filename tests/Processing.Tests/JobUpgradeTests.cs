using Npgsql;
using Platform.Eventing.Database;
using Platform.Eventing.WorkQueues;

namespace Platform.Processing.Tests;

/// <summary>A database whose jobs were rows that changed becomes one whose jobs are only added to.</summary>
public sealed class JobUpgradeTests
{
    [Fact]
    public async Task Jobs_in_every_state_are_what_they_were()
    {
        var database = await TestPostgres.CreateDatabaseAsync();
        await using (var source = NpgsqlDataSource.Create(database.ConnectionString + ";Options=-c platform.scope=system"))
        {
            var all = MigrationSet.FromAssembly("processing", typeof(ProcessingDatabase).Assembly, "Migrations");
            await Migrator.ApplyAsync(source, "processing", [WorkQueue.Migrations, all with { Files = [.. all.Files.Where(f => f.Number <= 4)] }], CancellationToken.None);
        }

        var now = TimeProvider.System.GetUtcNow();
        var tenant = Guid.CreateVersion7(now);
        string Id(int daysAgo) => Guid.CreateVersion7(now.AddDays(-daysAgo)).ToString();
        var (waiting, retrying, done, dead, cancelled, held, ancient) = (Id(0), Id(1), Id(1), Id(2), Id(3), Id(0), Id(100));
        string Failures(int count) => "[" + string.Join(",", Enumerable.Range(1, count).Select(n =>
            $$"""{"attempt":{{n}},"at":"2026-11-01T10:00:0{{n}}.123456Z","error":"No {{n}}"}""")) + "]";
        await database.ExecuteAsync($$"""
            INSERT INTO processing.job (tenant_id, id, queue, type, payload, priority, max_attempts, timeout_seconds, unique_key, run_at, created_at,
                outcome, attempt, result, error, errors, started_at, finished_at, duration_ms, named, workflow_id, step)
            SELECT '{{tenant}}', id::uuid, 'bulk', 'noop', '{"n":1}', 3, 5, 30, NULLIF(unique_key, ''), at, at, outcome, attempt, result::json, error, errors::jsonb,
                CASE WHEN attempt > 0 THEN at END, CASE WHEN outcome IS NOT NULL THEN at END, CASE WHEN attempt > 0 THEN 1.5 END, named, workflow::uuid, step
            FROM (VALUES
                ('{{waiting}}', 'k', NULL, 0, NULL, NULL, '[]', now(), false, NULL, NULL),
                ('{{retrying}}', '', NULL, 2, NULL, 'No 2', '{{Failures(2)}}', now() - interval '1 day', false, NULL, NULL),
                ('{{done}}', '', 'succeeded', 2, '{"ok":true}', NULL, '{{Failures(1)}}', now() - interval '1 day', false, '{{tenant}}', 'one'),
                ('{{dead}}', '', 'dead', 3, NULL, 'No 3', '{{Failures(3)}}', now() - interval '2 days', false, NULL, NULL),
                ('{{cancelled}}', '', 'cancelled', 0, NULL, NULL, '[]', now() - interval '3 days', true, NULL, NULL),
                ('{{held}}', '', NULL, 0, NULL, 'Held: unknown', '[]', now(), false, NULL, NULL),
                ('{{ancient}}', '', 'succeeded', 1, NULL, NULL, '[]', now() - interval '100 days', false, NULL, NULL))
                AS j(id, unique_key, outcome, attempt, result, error, errors, at, named, workflow, step);
            INSERT INTO processing.job_unique VALUES ('{{tenant}}', 'noop', 'k', '{{waiting}}');
            INSERT INTO processing.dead_letter (tenant_id, id, job_id, reason, attempts) VALUES ('{{tenant}}', gen_random_uuid(), '{{dead}}', 'No 3', 3);
            INSERT INTO processing.work_item (tenant_id, id, queue, priority, state, attempt, rank, run_at)
            SELECT '{{tenant}}', id::uuid, 'bulk', 3, 0, attempt, '2999-01-01', '2999-01-01'
            FROM (VALUES ('{{waiting}}', 0), ('{{retrying}}', 2), ('{{held}}', 0)) AS w(id, attempt)
            """);

        await using var service = await ProcessingFixture.StartAsync(database);
        using var client = service.Client(tenant);
        async Task<Document> JobAsync(string id) => await client.GetDocumentAsync("/v1/jobs/" + Contracts.Identifiers.TypeId.Format("job", Guid.Parse(id)));
        var seen = await JobAsync(waiting);
        Assert.Equal(("scheduled", 0, "k", 3), (seen.State, seen["attempt"].GetInt32(), seen["unique_key"].GetString(), seen["priority"].GetInt32()));
        seen = await JobAsync(retrying);
        Assert.Equal(("retrying", 2, "No 2", 2, 1.5), (seen.State, seen["attempt"].GetInt32(), seen["error"].GetString(), seen["errors"].GetArrayLength(), seen["duration_ms"].GetDouble()));
        Assert.Equal("""[{"attempt":1,"at":"2026-11-01T10:00:01.123456Z","error":"No 1"},{"attempt":2,"at":"2026-11-01T10:00:02.123456Z","error":"No 2"}]""", seen["errors"].GetRawText());
        seen = await JobAsync(done);
        Assert.Equal(("succeeded", 2, true, 1, "one"), (seen.State, seen["attempt"].GetInt32(), seen["result"].GetProperty("ok").GetBoolean(), seen["errors"].GetArrayLength(), seen["step"].GetString()));
        Assert.Equal(System.Text.Json.JsonValueKind.Null, seen["error"].ValueKind);
        seen = await JobAsync(dead);
        Assert.Equal(("dead", 3, "No 3", 3), (seen.State, seen["attempt"].GetInt32(), seen["error"].GetString(), seen["errors"].GetArrayLength()));
        Assert.Equal(("cancelled", "succeeded"), ((await JobAsync(cancelled)).State, (await JobAsync(ancient)).State));
        seen = await JobAsync(held);
        Assert.Equal(("scheduled", "Held: unknown", 0), (seen.State, seen["error"].GetString(), seen["errors"].GetArrayLength()));
        Assert.Equal(7, (await client.IdsAsync("/v1/jobs")).Length);

        // Each lies in its day, and what is too old for one, beside them.
        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM processing.job_other"));
        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM processing.job_end_other"));

        // And it goes on: the key is still taken, the dead start over, the waiting run.
        using (var twin = await client.SubmitAsync("""{"type":"noop","payload":{},"unique_key":"k"}"""))
        {
            Assert.Equal(200, (int)twin.StatusCode);
        }

        foreach (var id in (string[])[waiting, retrying, dead, cancelled, held])
        {
            var name = Contracts.Identifiers.TypeId.Format("job", Guid.Parse(id));
            await client.PostAsync($"/v1/jobs/{name}:retry");
            await client.ReachesAsync(name, "succeeded");
        }

        Assert.Empty(await client.IdsAsync("/v1/dead-letters"));
    }
}
