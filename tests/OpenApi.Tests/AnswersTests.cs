using System.Text.Json.Nodes;
using Platform.Testing;

namespace Platform.OpenApi.Tests;

/// <summary>What is really said is what is documented: every operation once, and the failures, against the document's schemas by an independent validator.</summary>
public sealed class AnswersTests(WholePlatform platform) : IClassFixture<WholePlatform>
{
    private const string None = "01jk2m3n4p5q6r7s8t9v0w1x2y";
    private const string MergePatch = "application/merge-patch+json";

    [Fact]
    public async Task Every_answer_is_as_documented()
    {
        using var talk = platform.Talk();
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var gone = await WebhookReceiver.StartAsync(_ => 410);
        await OperationsAsync(talk);
        await WebhooksAsync(talk, receiver.Url, gone.Url);
        await ResourcesAsync(talk);
        await FilesAsync(talk);
        await EventsAsync(talk);
        await JobsAsync(talk);
        await WorkflowsAsync(talk);
        await DeliveriesAsync(talk);
        await SearchAndUsageAsync(talk);
        await KeysAsync(talk);
        var faults = await NodeWitness.RunAsync("check-openapi.mjs", [await platform.DocumentAsync(), .. talk.Exchanges]);
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    private static async Task OperationsAsync(Conversation talk)
    {
        foreach (var open in new[] { "/health/live", "/health/ready", "/metrics", "/openapi/v1.json", "/docs" })
        {
            await talk.SayAsync(200, "GET", open, bearer: "");
        }

        await talk.SayAsync(200, "GET", "/v1/streams?local=true&service=core");
        await talk.SayAsync(400, "GET", "/v1/streams?local=perhaps");
        await talk.SayAsync(200, "GET", "/v1/organization");
    }

    private static async Task ResourcesAsync(Conversation talk)
    {
        const string Body = """{"type": "order", "data": {"note": "two lamps"}, "labels": {"env": "prod"}}""";
        var id = Id(await talk.SayAsync(201, "POST", "/v1/resources", Body, headers: ("Idempotency-Key", "one")));
        await talk.SayAsync(200, "POST", "/v1/resources", Body, headers: ("Idempotency-Key", "one"));
        await talk.SayAsync(422, "POST", "/v1/resources", Body.Replace("two", "three", StringComparison.Ordinal), headers: ("Idempotency-Key", "one"));
        await talk.SayAsync(201, "POST", "/v1/resources", """{"type": "order", "data": {}, "labels": null}""");
        await talk.SayAsync(400, "POST", "/v1/resources", """{"colour": 1}""");
        await talk.SayAsync(400, "POST", "/v1/resources", "{");
        await talk.SayAsync(400, "POST", "/v1/resources", $$"""{"type": "order", "data": {{string.Concat(Enumerable.Repeat("[", 40))}}}""");
        await talk.SayAsync(413, "POST", "/v1/resources", new string(' ', 1_100_000), headers: ("Expect", "100-continue"));
        await talk.SayAsync(415, "POST", "/v1/resources", Body, "text/plain");
        await talk.SayAsync(401, "POST", "/v1/resources", Body, bearer: "");
        await talk.SayAsync(200, "GET", "/v1/resources?type=order&label=env:prod&created_after=2020-01-01T00:00:00Z&sort=-created_at&limit=1");
        await talk.SayAsync(200, "GET", "/v1/resources?fields=id,version");
        await talk.SayAsync(400, "GET", "/v1/resources?limit=0");
        await talk.SayAsync(200, "GET", "/v1/resources/" + id);
        await talk.SayAsync(200, "GET", $"/v1/resources/{id}?fields=data");
        await talk.SayAsync(304, "GET", "/v1/resources/" + id, headers: ("If-None-Match", "\"1\""));
        await talk.SayAsync(404, "GET", "/v1/resources/res_" + None);
        await talk.SayAsync(200, "PUT", "/v1/resources/" + id, Body, headers: ("If-Match", "\"1\""));
        await talk.SayAsync(412, "PUT", "/v1/resources/" + id, Body, headers: ("If-Match", "\"1\""));
        await talk.SayAsync(200, "PATCH", "/v1/resources/" + id, """{"data": {"note": null, "paid": true}, "labels": {"env": null, "a": "b"}}""", MergePatch);
        await talk.SayAsync(404, "PATCH", "/v1/resources/res_" + None, "{}", MergePatch);
        var other = Id(await talk.SayAsync(201, "POST", "/v1/resources", Body));
        await talk.SayAsync(204, "DELETE", "/v1/resources/" + other, headers: ("Idempotency-Key", "gone"));
        await talk.SayAsync(204, "DELETE", "/v1/resources/" + other, headers: ("Idempotency-Key", "gone"));
        await talk.SayAsync(404, "DELETE", "/v1/resources/" + other, headers: ("Idempotency-Key", "again"));
        await talk.SayAsync(404, "DELETE", "/v1/resources/" + other, headers: ("Idempotency-Key", "again"));
        await talk.SayAsync(200, "GET", $"/v1/resources/{other}/history");
        await talk.SayAsync(404, "GET", $"/v1/resources/res_{None}/history");
        await talk.SayAsync(200, "GET", $"/v1/resources/{id}/history/2");
        await talk.SayAsync(200, "GET", $"/v1/resources/{other}/history/2");
        await talk.SayAsync(404, "GET", $"/v1/resources/{id}/history/9");
        await talk.SayAsync(200, "GET", "/v1/resources?deleted=true&label=env&created_before=2099-01-01T00:00:00Z&updated_after=2020-01-01T00:00:00Z&sort=-updated_at");
        await talk.SayAsync(200, "GET", "/v1/resources?deleted=true&fields=id,deleted_at&sort=updated_at");
        await talk.SayAsync(400, "GET", "/v1/resources?label=%3A&deleted=perhaps");
        await talk.SayAsync(200, "POST", $"/v1/resources/{other}:restore", """{"version": 1}""", headers: ("If-Match", "\"2\""));
        await talk.SayAsync(412, "POST", $"/v1/resources/{other}:restore", """{"version": 1}""", headers: ("If-Match", "\"2\""));
        await talk.SayAsync(400, "POST", $"/v1/resources/{other}:restore", """{"version": 2}""");
        await talk.SayAsync(404, "POST", $"/v1/resources/{other}:restore", """{"version": 9}""");
        await BatchesAsync(talk, id, other);
        await TypesAsync(talk);
    }

    private static async Task BatchesAsync(Conversation talk, string id, string other)
    {
        const string Create = """{"op": "create", "type": "order", "data": {"a": 1}, "labels": {"env": "prod"}}""";
        var missing = $$"""{"op": "delete", "id": "res_{{None}}"}""";
        await talk.SayAsync(200, "POST", "/v1/resources:batch", $$"""
            {"operations": [{{Create}}, {"op": "replace", "id": "{{id}}", "data": {"b": 2} }, {"op": "patch", "id": "{{id}}", "data": {"b": null}, "labels": {"env": null} },
             {"op": "delete", "id": "{{other}}"}, {"op": "restore", "id": "{{other}}", "version": 1}, {{missing}}, {"op": "patch", "id": "{{id}}", "data": {}, "if_version": 1}]}
            """);
        await talk.SayAsync(200, "POST", "/v1/resources:batch", $$"""{"atomic": true, "operations": [{{Create}}]}""", headers: ("Idempotency-Key", "batch"));
        await talk.SayAsync(200, "POST", "/v1/resources:batch", $$"""{"atomic": true, "operations": [{{Create}}]}""", headers: ("Idempotency-Key", "batch"));
        await talk.SayAsync(409, "POST", "/v1/resources:batch", $$"""{"atomic": true, "operations": [{{Create}}, {{missing}}]}""", headers: ("Idempotency-Key", "all or nothing"));
        await talk.SayAsync(409, "POST", "/v1/resources:batch", $$"""{"atomic": true, "operations": [{{Create}}, {{missing}}]}""", headers: ("Idempotency-Key", "all or nothing"));
        await talk.SayAsync(422, "POST", "/v1/resources:batch", """{"atomic": true, "operations": [{"op": "create"}, {"op": "dance"}]}""");
        await talk.SayAsync(400, "POST", "/v1/resources:batch", """{"operations": []}""");
    }

    private static async Task TypesAsync(Conversation talk)
    {
        const string Path = "/v1/resource-types/invoice";
        const string Body = """{"schema": {"type": "object", "required": ["total"], "properties": {"total": {"type": "number", "minimum": 0}}}, "description": "A bill."}""";
        await talk.SayAsync(201, "PUT", Path, Body, headers: ("Idempotency-Key", "type"));
        await talk.SayAsync(200, "PUT", Path, Body, headers: ("Idempotency-Key", "type"));
        await talk.SayAsync(200, "PUT", Path, Body, headers: ("If-Match", "\"1\""));
        await talk.SayAsync(412, "PUT", Path, Body, headers: ("If-Match", "\"1\""));
        await talk.SayAsync(400, "PUT", Path, """{"schema": {"type": "number", "colour": 1}}""");
        await talk.SayAsync(201, "PUT", "/v1/resource-types/anything", "{}");
        await talk.SayAsync(200, "GET", "/v1/resource-types?limit=2");
        await talk.SayAsync(200, "GET", Path);
        await talk.SayAsync(200, "GET", "/v1/resource-types/order");
        await talk.SayAsync(404, "GET", "/v1/resource-types/none");
        await talk.SayAsync(400, "POST", "/v1/resources", """{"type": "invoice", "data": {"total": -1}}""");
        await talk.SayAsync(422, "POST", "/v1/resources:batch", """{"atomic": true, "operations": [{"op": "create", "type": "invoice", "data": {}}]}""");
        await talk.SayAsync(200, "POST", "/v1/resources:batch", """{"operations": [{"op": "create", "type": "invoice", "data": {}}]}""");
        await talk.SayAsync(204, "DELETE", Path);
        await talk.SayAsync(404, "DELETE", Path);
    }

    private static async Task FilesAsync(Conversation talk)
    {
        var stored = await talk.SayAsync(201, "POST", "/v1/files?name=a.txt&label=album:summer", "a file", "text/plain", headers: ("Idempotency-Key", "file"));
        await talk.SayAsync(200, "POST", "/v1/files?name=a.txt&label=album:summer", "a file", "text/plain", headers: ("Idempotency-Key", "file"));
        await talk.SayAsync(400, "POST", "/v1/files?name=..", "a file", "text/plain");
        await talk.SayAsync(400, "POST", "/v1/files", "a file", "text/plain", headers: ("X-Content-SHA256", new string('0', 64)));
        await talk.SayAsync(415, "POST", "/v1/files", "a file", "text/plain", headers: ("Content-Encoding", "br"));
        var path = "/v1/files/" + Id(stored);
        await talk.SayAsync(200, "GET", path);
        await talk.SayAsync(206, "GET", path, headers: ("Range", "bytes=2-5"));
        await talk.SayAsync(416, "GET", path, headers: ("Range", "bytes=99-"));
        await talk.SayAsync(304, "GET", path, headers: ("If-None-Match", "*"));
        await talk.SayAsync(412, "GET", path, headers: ("If-Match", "\"other\""));
        await talk.SayAsync(404, "GET", "/v1/files/file_" + None);
        await talk.SayAsync(200, "GET", path + "/metadata");
        await talk.SayAsync(200, "GET", "/v1/files?label=album:summer&sort=-created_at&limit=1");
        var link = await talk.SayAsync(200, "POST", path + ":presign", """{"expires_in": 60}""");
        await talk.SayAsync(200, "POST", path + ":presign");
        await talk.SayAsync(200, "GET", new Uri(link!["url"]!.ToString()).PathAndQuery, bearer: "");
        await talk.SayAsync(403, "GET", path + "/shared?token=no", bearer: "");
        var upload = await talk.SayAsync(200, "POST", "/v1/files:presign", """{"name": "b.txt", "max_bytes": 10}""");
        var put = new Uri(upload!["url"]!.ToString()).PathAndQuery;
        await talk.SayAsync(413, "PUT", put, "a file too large", "text/plain", bearer: "");
        await talk.SayAsync(201, "PUT", put, "a file", "text/plain", bearer: "");
        await talk.SayAsync(200, "PUT", put, "a file", "text/plain", bearer: "");
        await talk.SayAsync(422, "PUT", put, "other", "text/plain", bearer: "");
        await talk.SayAsync(403, "PUT", "/v1/files/upload?token=no", "a file", "text/plain", bearer: "");
        await talk.SayAsync(400, "POST", "/v1/files:presign", """{"sha256": "no"}""");
        await talk.SayAsync(204, "DELETE", path);
        await talk.SayAsync(404, "DELETE", path);
    }

    private static async Task EventsAsync(Conversation talk)
    {
        JsonArray events = [];
        await Eventually.IsTrueAsync(async () =>
        {
            events = (await talk.SayAsync(200, "GET", "/v1/events?type=resource.*&type=file.deleted&limit=2"))!["data"]!.AsArray();
            return events.Count > 0;
        }, "events", TimeSpan.FromSeconds(30));
        await talk.SayAsync(200, "GET", $"/v1/events?subject={events[0]!["subject"]}&label=env:prod&after=0&fields=id,position");
        await talk.SayAsync(400, "GET", "/v1/events?after=999999999");
        await talk.SayAsync(200, "GET", "/v1/events/" + Id(events[0]));
        await talk.SayAsync(304, "GET", "/v1/events/" + Id(events[0]), headers: ("If-None-Match", "*"));
        await talk.SayAsync(404, "GET", "/v1/events/evt_" + None);
        await talk.SayAsync(200, "GET", "/v1/events/stream?type=resource.created", headers: ("Last-Event-ID", "0"));
        await talk.SayAsync(400, "GET", "/v1/events/stream?type=%3F");
        await talk.SayAsync(426, "GET", "/v1/stream");
    }

    private static async Task WorkflowsAsync(Conversation talk)
    {
        const string Steps = """
            {"name": "story", "input": {"list": [1, 2]}, "unique_key": "one", "on_failure": "compensate", "steps": [
              {"name": "many", "for_each": "{{input.list}}", "job": {"type": "noop", "payload": {"n": "{{item}}"}, "queue": "bulk"}, "compensate": {"job": {"type": "noop", "payload": {}}}},
              {"name": "review", "kind": "approval", "needs": ["many"], "when": {"ref": "input.list", "op": "exists"}, "approval": {"expires_in": 600}},
              {"name": "wait", "kind": "timer", "needs": ["review"], "timer": {"seconds": 600}}]}
            """;
        var id = Id(await talk.SayAsync(201, "POST", "/v1/workflows", Steps));
        await talk.SayAsync(200, "POST", "/v1/workflows", Steps);
        await talk.SayAsync(400, "POST", "/v1/workflows", """{"steps": [{"name": "a", "needs": ["a"], "job": {"type": "noop", "payload": {}}}]}""");
        await Eventually.IsTrueAsync(
            async () => (await talk.SayAsync(200, "GET", "/v1/workflows/" + id))!["steps"]![1]!["state"]!.ToString() == "waiting", "the approval", TimeSpan.FromSeconds(30));
        await talk.SayAsync(200, "POST", $"/v1/workflows/{id}/steps/review:approve", """{"comment": "fine"}""");
        await talk.SayAsync(409, "POST", $"/v1/workflows/{id}/steps/review:reject");
        await talk.SayAsync(404, "POST", $"/v1/workflows/{id}/steps/nobody:approve");
        await talk.SayAsync(200, "POST", $"/v1/workflows/{id}:cancel", """{"compensate": true}""");
        await talk.SayAsync(409, "POST", $"/v1/workflows/{id}:cancel");
        await talk.SayAsync(409, "POST", $"/v1/workflows/{id}:retry");
        var rejected = Id(await talk.SayAsync(201, "POST", "/v1/workflows", """{"steps": [{"name": "review", "kind": "approval"}]}"""));
        await talk.SayAsync(200, "POST", $"/v1/workflows/{rejected}/steps/review:reject");
        await talk.SayAsync(200, "POST", $"/v1/workflows/{rejected}:retry");
        await talk.SayAsync(200, "GET", "/v1/workflows?state=running&limit=1");
        await talk.SayAsync(400, "GET", "/v1/workflows?state=asleep");
        await talk.SayAsync(404, "GET", "/v1/workflows/wfl_" + None);
    }

    private static async Task JobsAsync(Conversation talk)
    {
        var noop = Id(await talk.SayAsync(201, "POST", "/v1/jobs", """{"type": "noop", "payload": {"a": 1}, "queue": "bulk", "priority": 3}"""));
        const string Later = """{"type": "noop", "payload": {}, "run_at": "2099-01-01T00:00:00Z", "unique_key": "only", "timeout": 5, "max_attempts": 2}""";
        var later = Id(await talk.SayAsync(201, "POST", "/v1/jobs", Later));
        await talk.SayAsync(200, "POST", "/v1/jobs", Later);
        await talk.SayAsync(400, "POST", "/v1/jobs", """{"type": "dance", "payload": {}}""");
        await talk.SayAsync(200, "POST", $"/v1/jobs/{later}:cancel");
        await talk.SayAsync(200, "POST", $"/v1/jobs/{later}:retry");
        await Eventually.IsTrueAsync(
            async () => (await talk.SayAsync(200, "GET", $"/v1/jobs/{noop}?fields=state"))!["state"]!.ToString() == "succeeded", "the job", TimeSpan.FromSeconds(30));
        await talk.SayAsync(200, "GET", "/v1/jobs/" + noop);
        await talk.SayAsync(404, "GET", "/v1/jobs/job_" + None);
        await talk.SayAsync(409, "POST", $"/v1/jobs/{noop}:cancel");
        await talk.SayAsync(409, "POST", $"/v1/jobs/{noop}:retry", headers: ("Idempotency-Key", "no"));
        await talk.SayAsync(200, "GET", "/v1/jobs?state=succeeded&queue=bulk&type=noop");
        await talk.SayAsync(400, "GET", "/v1/jobs?state=asleep");
        await talk.SayAsync(200, "GET", "/v1/jobs?created_after=2020-01-01T00:00:00Z&workflow_id=wfl_" + None + "&schedule_id=sch_" + None);
        await talk.SayAsync(200, "POST", "/v1/jobs:batch", """{"jobs": [{"type": "noop", "payload": {}}, {"type": "dance", "payload": {}}], "atomic": false}""");
        await talk.SayAsync(422, "POST", "/v1/jobs:batch", """{"jobs": [{"type": "noop", "payload": {}}, {"type": "dance", "payload": {}}], "atomic": true}""");
        await talk.SayAsync(400, "POST", "/v1/jobs:batch", """{"jobs": []}""");
        var moved = Id(await talk.SayAsync(201, "POST", "/v1/jobs", Later.Replace("only", "moved", StringComparison.Ordinal)));
        await talk.SayAsync(200, "PATCH", "/v1/jobs/" + moved, """{"run_at": "2099-06-01T00:00:00Z", "priority": 9}""", MergePatch);
        await talk.SayAsync(400, "PATCH", "/v1/jobs/" + moved, "{}", MergePatch);
        await talk.SayAsync(409, "PATCH", "/v1/jobs/" + noop, """{"priority": 9}""", MergePatch);
        await talk.SayAsync(404, "PATCH", "/v1/jobs/job_" + None, """{"priority": 9}""", MergePatch);
        await talk.SayAsync(200, "POST", "/v1/jobs:cancel", """{"filter": {"state": "scheduled", "type": "noop", "queue": "default"}, "limit": 5}""");
        await talk.SayAsync(400, "POST", "/v1/jobs:cancel", "{}");

        var dead = $$"""{"type": "http.request", "payload": {"url": "http://127.0.0.1:{{PlatformProcess.FreePort()}}/"}, "max_attempts": 1}""";
        await talk.SayAsync(201, "POST", "/v1/jobs", dead);
        JsonNode? letter = null;
        await Eventually.IsTrueAsync(async () =>
        {
            var letters = await talk.SayAsync(200, "GET", "/v1/dead-letters?source=jobs&type=http.request&since=2020-01-01T00:00:00Z");
            letter = letters!["data"]!.AsArray().FirstOrDefault();
            return letter is not null;
        }, "the dead letter", TimeSpan.FromSeconds(30));
        await talk.SayAsync(200, "GET", "/v1/jobs/" + letter!["job_id"]);
        await talk.SayAsync(200, "GET", "/v1/dead-letters/" + letter["id"]);
        await talk.SayAsync(200, "POST", $"/v1/dead-letters/{letter["id"]}:redrive");
        await talk.SayAsync(404, "POST", $"/v1/dead-letters/dlq_{None}:redrive");
        await talk.SayAsync(404, "GET", "/v1/dead-letters/dlq_" + None);
        await talk.SayAsync(400, "GET", "/v1/dead-letters?source=hell");
        await talk.SayAsync(200, "POST", "/v1/dead-letters:redrive", """{"filter": {"source": "jobs"}, "limit": 10}""");
        await talk.SayAsync(400, "POST", "/v1/dead-letters:redrive", "{}");

        await talk.SayAsync(200, "GET", "/v1/queues");
        await talk.SayAsync(200, "POST", "/v1/queues/bulk:pause");
        await talk.SayAsync(200, "POST", "/v1/queues/bulk:resume");
        await talk.SayAsync(404, "POST", "/v1/queues/none:pause");
        await talk.SayAsync(200, "PATCH", "/v1/queues/bulk", """{"concurrency": 5, "rate_limit": {"limit": 100, "period": 60}}""", MergePatch);
        await talk.SayAsync(200, "PATCH", "/v1/queues/bulk", """{"concurrency": null, "rate_limit": null}""", MergePatch);
        await talk.SayAsync(400, "PATCH", "/v1/queues/bulk", """{"concurrency": 0}""", MergePatch);
        await talk.SayAsync(404, "PATCH", "/v1/queues/none", "{}", MergePatch);

        var trigger = Id(await talk.SayAsync(201, "POST", "/v1/triggers", """{"event_type": "resource.created", "labels": {"never": "so"}, "job": {"type": "noop", "payload": {}}}"""));
        await talk.SayAsync(400, "POST", "/v1/triggers", """{"event_type": "job.succeeded"}""");
        await talk.SayAsync(200, "GET", "/v1/triggers");
        await talk.SayAsync(200, "GET", "/v1/triggers/" + trigger);
        await talk.SayAsync(200, "PATCH", "/v1/triggers/" + trigger, """{"paused": true, "job": {"payload": {"what": "{{event.subject}}"}}}""", MergePatch);
        await talk.SayAsync(412, "PATCH", "/v1/triggers/" + trigger, "{}", MergePatch, headers: ("If-Match", "\"99\""));
        await talk.SayAsync(400, "PATCH", "/v1/triggers/" + trigger, """{"event_type": "nothing"}""", MergePatch);
        await talk.SayAsync(204, "DELETE", "/v1/triggers/" + trigger);
        await talk.SayAsync(404, "DELETE", "/v1/triggers/" + trigger);
        await talk.SayAsync(404, "GET", "/v1/triggers/" + trigger);
        await SchedulesAsync(talk);
    }

    private static async Task SchedulesAsync(Conversation talk)
    {
        const string Body = """{"name": "Nightly", "cron": "30 2 * * *", "time_zone": "Europe/Berlin", "job": {"type": "noop", "payload": {}}, "starts_at": "2026-01-01T00:00:00Z"}""";
        var path = "/v1/schedules/" + Id(await talk.SayAsync(201, "POST", "/v1/schedules", Body, headers: ("Idempotency-Key", "nightly")));
        await talk.SayAsync(200, "POST", "/v1/schedules", Body, headers: ("Idempotency-Key", "nightly"));
        await talk.SayAsync(400, "POST", "/v1/schedules", """{"cron": "61 * * * *", "time_zone": "Mars/Base"}""");
        await talk.SayAsync(200, "GET", "/v1/schedules?limit=1");
        await talk.SayAsync(200, "GET", path);
        await talk.SayAsync(200, "GET", path + "/next?count=3");
        await talk.SayAsync(400, "GET", path + "/next?count=1000");
        await talk.SayAsync(200, "PATCH", path, """{"cron": "0 3 * * MON-FRI", "starts_at": null, "overlap": "skip"}""", MergePatch);
        await talk.SayAsync(412, "PATCH", path, "{}", MergePatch, headers: ("If-Match", "\"99\""));
        await talk.SayAsync(200, "POST", path + ":pause");
        await talk.SayAsync(412, "POST", path + ":resume", headers: ("If-Match", "\"99\""));
        await talk.SayAsync(200, "POST", path + ":resume");
        await talk.SayAsync(201, "POST", path + ":run");
        await talk.SayAsync(200, "GET", path);
        await talk.SayAsync(204, "DELETE", path);
        await talk.SayAsync(404, "GET", path);
        await talk.SayAsync(404, "POST", path + ":run");
    }

    private static async Task WebhooksAsync(Conversation talk, string receiver, string gone)
    {
        var first = await talk.SayAsync(201, "POST", "/v1/webhook-endpoints",
            $$"""{"url": "{{receiver}}", "event_types": ["resource.*"], "labels": {}, "headers": {"x-tenant": "a"}, "rate_limit": 100, "disabled": false}""");
        await talk.SayAsync(201, "POST", "/v1/webhook-endpoints", $$"""{"url": "{{gone}}", "description": "", "event_types": ["resource.created"]}""");
        await talk.SayAsync(201, "POST", "/v1/webhook-endpoints", $$"""{"url": "{{receiver}}", "event_types": ["job.dead"]}""");
        await talk.SayAsync(400, "POST", "/v1/webhook-endpoints", """{"url": "ftp://x", "event_types": ["?"]}""");
        var id = Id(first);
        await talk.SayAsync(200, "GET", "/v1/webhook-endpoints?limit=2");
        await talk.SayAsync(200, "GET", "/v1/webhook-endpoints/" + id);
        await talk.SayAsync(304, "GET", "/v1/webhook-endpoints/" + id, headers: ("If-None-Match", "*"));
        await talk.SayAsync(404, "GET", "/v1/webhook-endpoints/whe_" + None);
        await talk.SayAsync(200, "GET", $"/v1/webhook-endpoints/{id}/secret");
        await talk.SayAsync(200, "PATCH", "/v1/webhook-endpoints/" + id, """{"description": "Orders", "rate_limit": null}""", MergePatch);
        await talk.SayAsync(412, "PATCH", "/v1/webhook-endpoints/" + id, "{}", MergePatch, headers: ("If-Match", "\"99\""));
        await talk.SayAsync(200, "POST", $"/v1/webhook-endpoints/{id}:rotate-secret");
        await talk.SayAsync(200, "POST", $"/v1/webhook-endpoints/{id}:enable");
        var tested = await talk.SayAsync(202, "POST", $"/v1/webhook-endpoints/{id}:test", headers: ("Idempotency-Key", "test"));
        await talk.SayAsync(202, "POST", $"/v1/webhook-endpoints/{id}:test", headers: ("Idempotency-Key", "test"));
        await Eventually.IsTrueAsync(
            async () => (await talk.SayAsync(200, "GET", "/v1/deliveries/" + Id(tested)))!["state"]!.ToString() == "succeeded", "the test", TimeSpan.FromSeconds(30));
        await talk.SayAsync(202, "POST", $"/v1/deliveries/{Id(tested)}:redeliver");
        await talk.SayAsync(404, "POST", $"/v1/deliveries/dlv_{None}:redeliver");
        await talk.SayAsync(404, "GET", "/v1/deliveries/dlv_" + None);
        var off = Id(await talk.SayAsync(201, "POST", "/v1/webhook-endpoints", $$"""{"url": "{{receiver}}", "disabled": true}"""));
        await talk.SayAsync(409, "POST", $"/v1/webhook-endpoints/{off}:test");
        await talk.SayAsync(204, "DELETE", "/v1/webhook-endpoints/" + off);
        await talk.SayAsync(404, "DELETE", "/v1/webhook-endpoints/" + off);
    }

    private static async Task ReplaysAsync(Conversation talk, string works, string broken)
    {
        const string Since = """{"since": "2026-01-01T00:00:00Z", "only_missing": true, "event_types": ["resource.*"]}""";
        var replay = Id(await talk.SayAsync(202, "POST", $"/v1/webhook-endpoints/{works}:replay", Since));
        await talk.SayAsync(400, "POST", $"/v1/webhook-endpoints/{works}:replay", """{"since": 1, "event_types": ["?"]}""");
        await talk.SayAsync(404, "POST", $"/v1/webhook-endpoints/whe_{None}:replay", Since);
        await talk.SayAsync(409, "POST", $"/v1/webhook-endpoints/{broken}:replay", Since);
        await talk.SayAsync(202, "POST", "/v1/deliveries:redeliver", $$"""{"endpoint_id": "{{works}}", "state": "failed", "error": "timeout", "since": "2026-01-01T00:00:00Z"}""");
        await talk.SayAsync(400, "POST", "/v1/deliveries:redeliver", """{"state": "pending"}""");
        await talk.SayAsync(409, "POST", "/v1/deliveries:redeliver", $$"""{"endpoint_id": "{{broken}}"}""");
        await Eventually.IsTrueAsync(
            async () => (await talk.SayAsync(200, "GET", "/v1/webhook-replays/" + replay))!["state"]!.ToString() == "finished", "the replay", TimeSpan.FromSeconds(30));
        await talk.SayAsync(200, "GET", "/v1/webhook-replays?limit=1");
        await talk.SayAsync(404, "GET", "/v1/webhook-replays/rpl_" + None);
        await talk.SayAsync(200, "POST", $"/v1/webhook-replays/{replay}:cancel");
        await talk.SayAsync(404, "POST", $"/v1/webhook-replays/rpl_{None}:cancel");
    }

    private static async Task DeliveriesAsync(Conversation talk)
    {
        var endpoints = (await talk.SayAsync(200, "GET", "/v1/webhook-endpoints?fields=id,url,event_types"))!["data"]!.AsArray();
        var works = Id(endpoints[0]);
        var broken = Id(endpoints[1]);
        JsonArray failed = [];
        await Eventually.IsTrueAsync(async () =>
        {
            failed = (await talk.SayAsync(200, "GET", $"/v1/webhook-endpoints/{broken}/deliveries?state=failed"))!["data"]!.AsArray();
            return failed.Count > 0;
        }, "a failed delivery", TimeSpan.FromSeconds(30));
        await talk.SayAsync(200, "GET", "/v1/deliveries/" + Id(failed[0]));
        await talk.SayAsync(409, "POST", $"/v1/deliveries/{Id(failed[0])}:redeliver");
        await talk.SayAsync(200, "GET", $"/v1/events/{failed[0]!["event_id"]}/deliveries");
        await talk.SayAsync(404, "GET", $"/v1/events/evt_{None}/deliveries");
        await talk.SayAsync(200, "GET", $"/v1/webhook-endpoints/{works}/deliveries?limit=1&fields=id,state");
        await talk.SayAsync(404, "GET", $"/v1/webhook-endpoints/whe_{None}/deliveries");
        await talk.SayAsync(200, "GET", "/v1/webhook-endpoints/" + broken);
        await ReplaysAsync(talk, works, broken);
        JsonArray letters = [];
        await Eventually.IsTrueAsync(async () =>
        {
            letters = (await talk.SayAsync(200, "GET", "/v1/dead-letters?source=webhooks"))!["data"]!.AsArray();
            return letters.Count > 0;
        }, "the delivery's dead letter", TimeSpan.FromSeconds(30));
        await talk.SayAsync(200, "GET", "/v1/dead-letters/" + Id(letters[0]));
        await talk.SayAsync(200, "POST", $"/v1/dead-letters/{Id(letters[0])}:redrive");
    }

    private static async Task SearchAndUsageAsync(Conversation talk)
    {
        await talk.SayAsync(201, "POST", "/v1/resources", """{"type": "note", "data": {"text": "a lantern in the window"}, "labels": {"env": "dev"}}""");
        await Eventually.IsTrueAsync(
            async () => (await talk.SayAsync(200, "GET", "/v1/search?q=lantern&highlight=true&kind=all&label=env:dev"))!["data"]!.AsArray().Count > 1, "hits", TimeSpan.FromSeconds(30));
        await talk.SayAsync(200, "GET", "/v1/search?q=lanterm&type=note&limit=1");
        await talk.SayAsync(200, "GET", "/v1/search?fields=id,score&limit=1");
        await talk.SayAsync(400, "GET", "/v1/search?kind=thing");
        await talk.SayAsync(200, "GET", "/v1/search/suggest?q=lan&limit=5");
        await talk.SayAsync(400, "GET", "/v1/search/suggest");
        await talk.SayAsync(200, "GET", "/v1/analytics/usage");
        await talk.SayAsync(200, "GET", "/v1/analytics/usage?interval=minute&group_by=status&from=2026-01-01T00:00:00Z&to=2026-01-01T12:00:00Z");
        await talk.SayAsync(400, "GET", "/v1/analytics/usage?interval=year");
    }

    private static async Task KeysAsync(Conversation talk)
    {
        var narrow = await talk.SayAsync(201, "POST", "/v1/api-keys",
            """{"name": "narrow", "scopes": ["resources.read", "keys.read"], "role": "admin", "rate_limit": 2, "expires_at": "2099-01-01T00:00:00Z"}""", headers: ("Idempotency-Key", "narrow"));
        await talk.SayAsync(200, "POST", "/v1/api-keys",
            """{"name": "narrow", "scopes": ["resources.read", "keys.read"], "role": "admin", "rate_limit": 2, "expires_at": "2099-01-01T00:00:00Z"}""", headers: ("Idempotency-Key", "narrow"));
        var key = narrow!["key"]!.ToString();
        await talk.SayAsync(400, "POST", "/v1/api-keys", """{"name": "", "scopes": ["fly"]}""");
        await Eventually.IsTrueAsync(
            async () => (await talk.SayAsync("POST", "/v1/resources", "{}", bearer: key)).Status == 403, "the new key", TimeSpan.FromSeconds(30));
        await Eventually.IsTrueAsync(
            async () => (await talk.SayAsync("GET", "/v1/resources", bearer: key)).Status == 429, "the limit", TimeSpan.FromSeconds(30));
        await talk.SayAsync(200, "GET", "/v1/api-keys?limit=1");
        await talk.SayAsync(200, "GET", "/v1/api-keys?fields=name,hint");
        await talk.SayAsync(200, "GET", "/v1/api-keys/" + Id(narrow));
        await talk.SayAsync(304, "GET", "/v1/api-keys/" + Id(narrow), headers: ("If-None-Match", "\"1\""));
        await talk.SayAsync(404, "GET", "/v1/api-keys/key_" + None);
        await talk.SayAsync(201, "POST", $"/v1/api-keys/{Id(narrow)}:rotate");
        await talk.SayAsync(201, "POST", $"/v1/api-keys/{Id(narrow)}:rotate", """{"overlap": 0}""");
        await talk.SayAsync(409, "POST", $"/v1/api-keys/{Id(narrow)}:rotate");
        await talk.SayAsync(412, "DELETE", "/v1/api-keys/" + Id(narrow), headers: ("If-Match", "\"99\""));
        await talk.SayAsync(204, "DELETE", "/v1/api-keys/" + Id(narrow));
        await talk.SayAsync(404, "DELETE", "/v1/api-keys/key_" + None);
        var owner = (await talk.SayAsync(200, "GET", "/v1/api-keys?fields=id,role"))!["data"]!.AsArray().First(k => k!["role"]!.ToString() == "owner");
        await talk.SayAsync(409, "DELETE", "/v1/api-keys/" + Id(owner));
    }

    private static string Id(JsonNode? node) => node!["id"]!.ToString();
}
