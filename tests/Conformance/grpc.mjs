// Calls every method of gRPC with @grpc/grpc-js. Input: address, API key, folder of the .proto files, URL of a webhook receiver, one a
// line. Says "done" at the end, or what was not as it should be.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";

const [address, key, protos, receiver] = readFileSync(0, "utf8").split("\n");
const options = { keepCase: true, longs: Number, enums: String, defaults: false, oneofs: true, includeDirs: [protos] };
const load = (...files) => grpc.loadPackageDefinition(loader.loadSync(files, options));
const api = load("platform/v1/resources.proto", "platform/v1/jobs.proto", "platform/v1/webhooks.proto", "platform/v1/events.proto").platform.v1;
const details = loader.loadSync(["google/rpc/status.proto", "google/rpc/error_details.proto"], options);
const credentials = grpc.credentials.createInsecure();
const called = new Set();

// Struct and Value in their canonical JSON form and back, which proto-loader leaves to its callers.
const value = (v) =>
  v === null ? { nullValue: "NULL_VALUE" } : typeof v === "number" ? { numberValue: v } : typeof v === "string" ? { stringValue: v }
  : typeof v === "boolean" ? { boolValue: v } : Array.isArray(v) ? { listValue: { values: v.map(value) } } : { structValue: struct(v) };
const struct = (o) => ({ fields: Object.fromEntries(Object.entries(o).map(([k, v]) => [k, value(v)])) });
const plain = (v) => {
  if (v.structValue) return plainStruct(v.structValue);
  if (v.listValue) return (v.listValue.values ?? []).map(plain);
  return v.nullValue !== undefined ? null : v.numberValue ?? v.stringValue ?? v.boolValue;
};
const plainStruct = (s) => Object.fromEntries(Object.entries(s.fields ?? {}).map(([k, v]) => [k, plain(v)]));

const meta = (entries = {}, token = key) => {
  const metadata = new grpc.Metadata();
  if (token) metadata.set("authorization", `Bearer ${token}`);
  for (const [name, text] of Object.entries(entries)) metadata.set(name, text);
  return metadata;
};

// A call: {answer, headers}, or a rejection with grpc-js' error.
const call = (client, method, request, entries, callOptions = {}, token = key) => new Promise((resolve, reject) => {
  called.add(client[method].path);
  let headers;
  client[method](request, meta(entries, token), callOptions, (error, answer) => (error ? reject(error) : resolve({ answer, headers })))
    .on("metadata", (m) => (headers = m));
});

const fails = async (promise, code) => {
  try {
    await promise;
  } catch (error) {
    assert.equal(grpc.status[error.code], code, error.message);
    const bin = error.metadata.get("grpc-status-details-bin")[0];
    if (!bin) return { error };
    const status = details["google.rpc.Status"].deserialize(bin);
    assert.equal(status.code, error.code);
    const byType = Object.fromEntries(status.details.map((d) => {
      const name = d.type_url.split("/")[1];
      return [name.split(".").at(-1), details[name].deserialize(d.value)];
    }));
    return { error, ...byType };
  }
  assert.fail(`expected ${code}`);
};

const eventually = async (what, ask) => {
  for (const end = Date.now() + 30_000; Date.now() < end; await sleep(20)) {
    const found = await ask();
    if (found) return found;
  }
  assert.fail(`not in time: ${what}`);
};

// A file as a member of a FileDescriptorSet: field 1, its length, its bytes.
const inSet = (file) => {
  const prefix = [0x0a];
  let length = file.length;
  for (; length > 127; length >>>= 7) prefix.push((length & 127) | 128);
  return [Buffer.from([...prefix, length]), file];
};

// Reads a stream item by item.
const follow = (client, method, request, entries) => {
  called.add(client[method].path);
  const stream = client[method](request, meta(entries));
  const items = [];
  let ended;
  stream.on("data", (item) => items.push(item)).on("error", (error) => (ended = error)).on("end", () => (ended ??= "the end"));
  const next = async () => {
    await eventually("the next message", async () => items.length > 0 || ended);
    assert.ok(items.length > 0, `the stream ended: ${ended}`);
    return items.shift();
  };
  const until = async (wanted) => {
    for (;;) {
      const item = await next();
      if (wanted(item)) return item;
    }
  };
  return { stream, next, until };
};

const resources = new api.Resources(address, credentials);
const jobs = new api.Jobs(address, credentials);
const webhooks = new api.Webhooks(address, credentials);
const events = new api.Events(address, credentials);

// --- Resources
const watching = follow(resources, "Watch", { labels: { env: "t" } });
const start = await watching.next();
assert.equal(start.item, undefined);

const body = { type: "order", data: struct({ total: 42, items: [1, "two", null, { x: true }] }), labels: { env: "t" } };
const made = await call(resources, "Create", body, { "idempotency-key": "k1", "x-request-id": "mine-1" });
const id = made.answer.id;
assert.match(id, /^res_/);
assert.deepEqual(plainStruct(made.answer.data), { total: 42, items: [1, "two", null, { x: true }] });
assert.deepEqual([made.answer.version, made.answer.labels, made.headers.get("x-request-id")[0]], [1, { env: "t" }, "mine-1"]);
assert.equal(made.headers.get("location")[0], `/v1/resources/${id}`);
assert.equal(made.headers.get("etag")[0], '"1"');
assert.ok(made.headers.get("ratelimit")[0]);

const again = await call(resources, "Create", body, { "idempotency-key": "k1" });
assert.equal(again.answer.id, id);
assert.equal(again.headers.get("idempotency-replayed")[0], "true");
const reused = await fails(call(resources, "Create", { ...body, type: "other" }, { "idempotency-key": "k1" }), "INVALID_ARGUMENT");
assert.deepEqual([reused.ErrorInfo.reason, reused.ErrorInfo.domain], ["idempotency_key_reused", "platform"]);

assert.deepEqual((await call(resources, "Get", { id })).answer, made.answer);
assert.equal((await call(resources, "Get", { id, fields: ["id"] })).answer.data ?? null, null);
const updated = await call(resources, "Update", { id, if_version: 1, data: struct({ total: 43, items: null }), labels: struct({ more: "x" }) });
assert.deepEqual(plainStruct(updated.answer.data), { total: 43 });
assert.deepEqual([updated.answer.version, updated.answer.labels], [2, { env: "t", more: "x" }]);
const stale = await fails(call(resources, "Update", { id, if_version: 1, data: struct({}) }), "ABORTED");
assert.equal(stale.ErrorInfo.reason, "version_mismatch");
assert.match(stale.RequestInfo.request_id, /^req_/);
const replaced = await call(resources, "Replace", { id, type: "order", data: struct({ fresh: 1.5 }), labels: { env: "t" } });
assert.deepEqual(plainStruct(replaced.answer.data), { fresh: 1.5 });
const invalid = await fails(call(resources, "Create", { type: "Bad Type", labels: { k: "x".repeat(300) } }), "INVALID_ARGUMENT");
assert.deepEqual(invalid.BadRequest.field_violations.map((v) => v.field).sort(), ["data", "labels.k", "type"]);

for (let i = 0; i < 3; i++) await call(resources, "Create", { type: "listed", data: struct({ i }), labels: { "a b": "c&d" } });
const first = (await call(resources, "List", { type: "listed", limit: 2, labels: { "a b": "c&d" } })).answer;
assert.deepEqual([first.data.length, first.has_more], [2, true]);
const second = (await call(resources, "List", { type: "listed", limit: 2, labels: { "a b": "c&d" }, cursor: first.next_cursor })).answer;
assert.deepEqual([second.data.length, second.has_more ?? false], [1, false]);

await call(resources, "Delete", { id, if_version: 3 });
await fails(call(resources, "Get", { id }), "NOT_FOUND");
const history = (await call(resources, "ListHistory", { id })).answer.data;
assert.deepEqual(history.map((v) => [v.version, v.deleted ?? false]), [[4, true], [3, false], [2, false], [1, false]]);

const version = await call(resources, "GetVersion", { id, version: 2 });
assert.deepEqual(plainStruct(version.answer.data), { total: 43 });
const restored = await call(resources, "Restore", { id, version: 1 });
assert.equal(restored.answer.version, 5);
const batch = await call(resources, "BatchWrite", { operations: [
  { op: "create", type: "order", data: struct({ n: 1 }), labels: struct({ a: "b" }) }, { op: "delete", id: "res_nothing" }] });
assert.deepEqual([batch.answer.succeeded, batch.answer.failed], [1, 1]);
assert.deepEqual(plainStruct(batch.answer.results[0].resource.data), { n: 1 });
assert.ok(batch.answer.results[1].error.code);

// --- Watch: in order, resumed, cancelled
const changes = [];
while (changes.length < 4) changes.push(await watching.until((m) => m.change));
assert.deepEqual(changes.map((m) => m.change.event_type), ["resource.created", "resource.updated", "resource.updated", "resource.deleted"]);
assert.deepEqual(changes.map((m) => m.change.resource.version), [1, 2, 3, 4]);
const gone = new Promise((resolve) => watching.stream.on("status", resolve));
watching.stream.cancel();
assert.equal((await gone).code, grpc.status.CANCELLED);

const resumed = follow(events, "Watch", { after: changes[1].position, subjects: [id], types: ["resource.*"] });
const next = await resumed.until((m) => m.event);
assert.deepEqual([next.event.position, next.event.type, next.event.subject], [changes[2].position, "resource.updated", id]);
resumed.stream.cancel();
await fails(new Promise((_, reject) => events.Watch({ types: ["no pattern!"] }, meta()).on("error", reject).on("data", () => {})), "INVALID_ARGUMENT");
await fails(new Promise((_, reject) => resources.Watch({}, meta({}, "nobody")).on("error", reject).on("data", () => {})), "UNAUTHENTICATED");

// A deadline ends a stream.
const short = resources.Watch({}, meta(), { deadline: Date.now() + 300 });
short.on("data", () => {});
assert.equal((await once(short, "error"))[0].code, grpc.status.DEADLINE_EXCEEDED);

// --- Events
const listed = (await call(events, "List", { subjects: [id], types: ["resource.created", "resource.deleted"] })).answer.data;
assert.deepEqual(listed.map((e) => e.type), ["resource.created", "resource.deleted"]);
assert.deepEqual((await call(events, "Get", { id: listed[0].id })).answer, listed[0]);

// --- Jobs
const job = (await call(jobs, "Create", { type: "noop", payload: struct({}) }, { "idempotency-key": "j1" })).answer;
assert.equal(job.queue, "default");
const ran = await eventually("the job to succeed", async () => {
  const { answer } = await call(jobs, "Get", { id: job.id });
  return answer.state === "succeeded" && answer;
});
assert.deepEqual([ran.attempt, ran.progress], [1, 1]);
const tooLate = await fails(call(jobs, "Cancel", { id: job.id }), "FAILED_PRECONDITION");
assert.equal(tooLate.ErrorInfo.reason, "job_finished");
const later = (await call(jobs, "Create", { type: "noop", payload: struct({}), queue: "bulk", run_at: { seconds: Math.floor(Date.now() / 1000) + 3600 } })).answer;
assert.equal(later.state, "scheduled");
assert.equal((await call(jobs, "Cancel", { id: later.id })).answer.state, "cancelled");
await call(jobs, "Retry", { id: later.id });
assert.ok((await call(jobs, "List", { queue: "bulk" })).answer.data.some((j) => j.id === later.id));
const unknown = await fails(call(jobs, "Create", { type: "no.such" }), "INVALID_ARGUMENT");
assert.ok(unknown.BadRequest.field_violations.length > 0);

// --- Webhooks
const endpoint = (await call(webhooks, "CreateEndpoint", { url: receiver, event_types: ["resource.*"], description: "one" })).answer;
assert.match(endpoint.secret, /^whsec_/);
assert.equal((await call(webhooks, "GetSecret", { id: endpoint.id })).answer.secret, endpoint.secret);
const changed = (await call(webhooks, "UpdateEndpoint", { id: endpoint.id, if_version: 1, rate_limit: 100, labels: struct({ hook: "yes" }), clear: ["description"] })).answer;
assert.deepEqual([changed.version, changed.rate_limit, changed.labels, changed.description ?? null], [2, 100, { hook: "yes" }, null]);
assert.equal((await call(webhooks, "GetEndpoint", { id: endpoint.id })).answer.rate_limit, 100);
assert.notEqual((await call(webhooks, "RotateSecret", { id: endpoint.id })).answer.secret, endpoint.secret);
assert.equal((await call(webhooks, "Enable", { id: endpoint.id })).answer.disabled ?? false, false);
assert.ok((await call(webhooks, "ListEndpoints", {})).answer.data.some((e) => e.id === endpoint.id));
const tested = (await call(webhooks, "Test", { id: endpoint.id })).answer;
const delivered = await eventually("the delivery", async () => {
  const { answer } = await call(webhooks, "GetDelivery", { id: tested.id });
  return answer.state === "succeeded" && answer;
});
assert.equal(delivered.attempts[0].response.status, 200);
assert.equal((await call(webhooks, "Redeliver", { id: tested.id })).answer.id, tested.id);
assert.ok((await call(webhooks, "ListDeliveries", { endpoint_id: endpoint.id })).answer.data.length > 0);
const hooked = (await call(resources, "Create", { type: "order", data: struct({}), labels: { hook: "yes" } })).answer;
const event = await eventually("the event", async () => (await call(events, "List", { subjects: [hooked.id] })).answer.data?.[0]);
await eventually("the delivery of an event", async () => {
  try {
    return (await call(webhooks, "ListEventDeliveries", { event_id: event.id })).answer.data.some((d) => d.endpoint_id === endpoint.id && d.state === "succeeded");
  } catch (error) {
    assert.equal(error.code, grpc.status.NOT_FOUND);
    return false;
  }
});
await call(webhooks, "DeleteEndpoint", { id: endpoint.id });

// --- Metadata, deadlines, sizes
await fails(call(resources, "Get", { id }, {}, {}, null), "UNAUTHENTICATED");
await fails(call(resources, "Get", { id }, {}, { deadline: Date.now() - 1 }), "DEADLINE_EXCEEDED");
await fails(call(resources, "Create", { type: "t", data: struct({ x: "y".repeat(1_100_000) }) }), "RESOURCE_EXHAUSTED");
await fails(call(resources, "Create", { type: "t", data: struct({ x: "y".repeat(5_000_000) }) }), "RESOURCE_EXHAUSTED");
const squeezed = new api.Resources(address, credentials, { "grpc.default_compression_algorithm": 2 });
const large = (await call(squeezed, "Create", { type: "t", data: struct({ x: "y".repeat(500_000) }) })).answer;
assert.equal(plainStruct((await call(squeezed, "Get", { id: large.id })).answer.data).x.length, 500_000);

// --- A consumer that does not read holds nobody else up, and gets everything, or is cut off and goes on from its token.
const slow = resources.Watch({ types: ["flood"], after: 0 }, meta());
slow.pause();
for (let i = 0; i < 40; i++) await call(resources, "Create", { type: "flood", data: struct({ i, x: "z".repeat(50_000) }) });
const seen = [];
slow.on("data", (m) => m.change && seen.push(plainStruct(m.change.resource.data).i));
slow.on("error", () => {});
slow.resume();
await eventually("what the slow consumer missed", async () => seen.length === 40);
// Each once; the order is that of positions, and between resources any.
assert.deepEqual(seen.sort((a, b) => a - b), [...Array(40).keys()]);
slow.cancel();

// --- Health and reflection, without a key
const health = new (load("grpc/health/v1/health.proto").grpc.health.v1.Health)(address, credentials);
assert.equal((await call(health, "Check", {}, {}, {}, null)).answer.status, "SERVING");
assert.equal((await call(health, "Check", { service: "platform.v1.Jobs" }, {}, {}, null)).answer.status, "SERVING");
await fails(call(health, "Check", { service: "nobody" }, {}, {}, null), "NOT_FOUND");
const healthy = health.Watch({});
assert.equal((await once(healthy, "data"))[0].status, "SERVING");
healthy.on("error", () => {});
healthy.cancel();

const methods = [];
for (const version of ["v1", "v1alpha"]) {
  const reflection = new (load(`grpc/reflection/${version}/reflection.proto`).grpc.reflection[version].ServerReflection)(address, credentials);
  const questions = reflection.ServerReflectionInfo();
  const ask = async (question) => {
    const answer = once(questions, "data");
    questions.write(question);
    return (await answer)[0];
  };
  const { list_services_response: list } = await ask({ list_services: "" });
  const names = list.service.map((s) => s.name);
  for (const name of ["platform.v1.Resources", "platform.v1.Jobs", "platform.v1.Webhooks", "platform.v1.Events", "grpc.health.v1.Health"]) assert.ok(names.includes(name), name);
  for (const name of names.filter((n) => n.startsWith("platform."))) {
    const { file_descriptor_response: files } = await ask({ file_containing_symbol: name });
    const loaded = loader.loadFileDescriptorSetFromBuffer(Buffer.concat(files.file_descriptor_proto.flatMap(inSet)), options);
    methods.push(...Object.values(loaded[name]).map((m) => m.path));
  }
  questions.end();
  await once(questions, "end");
}

// What reflection tells of is what was called: no method was forgotten.
assert.deepEqual([...new Set(methods)].filter((m) => !called.has(m)), []);
for (const client of [resources, jobs, webhooks, events, health, squeezed]) client.close();
console.log("done");
