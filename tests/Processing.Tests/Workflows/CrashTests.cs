using Platform.Testing;
using static Platform.Processing.Tests.Workflows.WorkflowCalls;

namespace Platform.Processing.Tests.Workflows;

/// <summary>Instances that share the work, and connections that break in the middle.</summary>
public sealed class CrashTests
{
    [Fact]
    public async Task An_advance_that_is_killed_at_its_commit_is_repeated_and_doubles_nothing()
    {
        await using var receiver = await Receiver.StartAsync(_ => Task.CompletedTask);
        await using var service = await ProcessingFixture.StartAsync(null, ("Processing:WorkflowPoll", "00:00:00.050"));
        using var client = service.Client();

        // Everything is written; then, at its commit, the advancer's connection is killed: three times in a row.
        await service.Database.ExecuteAsync("""
            CREATE SEQUENCE processing.interruption;
            GRANT USAGE ON SEQUENCE processing.interruption TO PUBLIC;
            CREATE FUNCTION processing.interrupt() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
                IF NEW.name = 'b' AND nextval('processing.interruption') <= 3 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
                RETURN NULL;
            END $$;
            CREATE CONSTRAINT TRIGGER interrupt AFTER UPDATE ON processing.workflow_step DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION processing.interrupt();
            """);
        var id = (await client.StartedAsync($"""{Call("a", receiver.Url + "/a")},{Call("b", receiver.Url + "/b", "\"a\"")},{Call("c", receiver.Url + "/c", "\"b\"")}""")).Id;
        var done = await client.ReachesWorkflowAsync(id, "succeeded");
        Assert.True(await service.Database.ScalarAsync<long>("SELECT last_value FROM processing.interruption") >= 4);
        Assert.Equal("a:succeeded b:succeeded c:succeeded", done.States());
        Assert.Equal(["/a", "/b", "/c"], receiver.Calls.Select(c => c.Split(' ')[1]));
        Assert.Equal(3L, await service.Database.ScalarAsync<long>("SELECT count(*) FROM processing.job"));
        await Eventually.IsTrueAsync(async () => await service.Database.ScalarAsync<long>("SELECT count(*) FROM processing.workflow_due") == 0, "nothing is due");
    }

    [Fact]
    public async Task Several_instances_advance_at_once_and_every_step_runs_once()
    {
        await using var one = await ProcessingFixture.StartAsync(null, ("Processing:WorkflowPoll", "00:00:00.010"));
        await using var two = await ProcessingFixture.StartAsync(one.Database, ("Processing:WorkflowPoll", "00:00:00.010"));
        using var client = one.Client();
        var fan = Noop("fan", "\"a\"", ""","for_each":"{{input}}" """);
        var ids = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
            (await client.StartedAsync($"""{Noop("a")},{fan},{Noop("b", "\"a\"")},{Noop("c", "\"fan\",\"b\"")}""", ""","input":[1,2,3,4,5]""")).Id));
        foreach (var id in ids)
        {
            await client.ReachesWorkflowAsync(id, "succeeded");
        }

        Assert.Equal(20L * 8, await one.Database.ScalarAsync<long>("SELECT count(*) FROM processing.job"));
        Assert.Equal(20L, await one.Database.ScalarAsync<long>("SELECT count(DISTINCT workflow_id) FROM processing.job WHERE step = 'c'"));
    }

    [Fact]
    public async Task A_workflow_that_cannot_be_advanced_holds_up_no_other()
    {
        await using var service = await ProcessingFixture.StartAsync(null, ("Processing:WorkflowPoll", "00:00:00.050"), ("Processing:WorkflowHold", "00:00:00.500"));
        using var client = service.Client();
        await service.Database.ExecuteAsync("""
            CREATE FUNCTION processing.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF NEW.name = 'poison' THEN RAISE 'no'; END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER refuse BEFORE UPDATE ON processing.workflow_step FOR EACH ROW EXECUTE FUNCTION processing.refuse();
            """);
        var stuck = (await client.StartedAsync($"""{Noop("a")},{Noop("poison", "\"a\"")}""")).Id;
        for (var i = 0; i < 3; i++)
        {
            await client.ReachesWorkflowAsync((await client.StartedAsync($"""{Noop("a")},{Noop("b", "\"a\"")}""")).Id, "succeeded");
        }

        Assert.Equal("running", (await client.GetDocumentAsync("/v1/workflows/" + stuck)).State);
        await service.Database.ExecuteAsync("DROP TRIGGER refuse ON processing.workflow_step");
        await client.ReachesWorkflowAsync(stuck, "succeeded");
    }

    [Fact]
    public async Task A_timer_of_an_instance_that_is_no_more_rings_at_another()
    {
        var one = await ProcessingFixture.StartAsync();
        var tenant = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        string id;
        using (var client = one.Client(tenant))
        {
            id = (await client.StartedAsync("""{"name":"wait","kind":"timer","timer":{"seconds":1}},""" + Noop("b", "\"wait\""))).Id;
        }

        await one.DisposeAsync();
        await using var two = await ProcessingFixture.StartAsync(one.Database);
        using var other = two.Client(tenant);
        await other.ReachesWorkflowAsync(id, "succeeded");
    }
}
