// The TypeScript client against a running platform. The first line of standard input is {url, key, receiver}; prints a line for each thing that is as it should be.
import { readFileSync } from 'node:fs';
import assert from 'node:assert/strict';
import { PlatformClient, PlatformError } from '../../src/Clients/TypeScript/client.mjs';

const { url, key, receiver } = JSON.parse(readFileSync(0, 'utf8'));
const client = new PlatformClient({ url, key });
const until = async (what, condition) => {
  for (const end = Date.now() + 30_000; Date.now() < end;) {
    const found = await condition();
    if (found) return found;
    await new Promise(done => setTimeout(done, 50));
  }
  assert.fail(`${what} did not happen`);
};

const endpoint = await client.createWebhookEndpoint({ url: receiver, event_types: ['resource.*'] });
const made = await client.createResource({ type: 'ts.order', data: { note: 'a lighthouse' }, labels: { from: 'ts' } });
assert.equal((await client.getResource(made.id)).data.note, 'a lighthouse');
const patched = await client.patchResource(made.id, { data: { paid: true } }, { ifMatch: '"1"' });
assert.deepEqual(patched.data, { note: 'a lighthouse', paid: true });
await assert.rejects(client.patchResource(made.id, { data: {} }, { ifMatch: '"1"' }), e => e instanceof PlatformError && e.status === 412 && e.code === 'version_mismatch');
await assert.rejects(client.createResource({ colour: 1 }), e => e.code === 'validation_failed' && e.errors.some(f => f.pointer === '/type' && f.code === 'required'));
console.log('resources');

await Promise.all([1, 2, 3, 4].map(n => client.createResource({ type: 'ts.page', data: { n } })));
const all = [];
for await (const resource of client.listResourcesAll({ type: 'ts.page', limit: 1, fields: ['id', 'data'] })) all.push(resource.data.n);
assert.deepEqual(all.sort(), [1, 2, 3, 4]);
console.log('pages');

// The first answer is lost after it was given, the second is a 503: three requests, one resource.
const keys = [];
const flaky = new PlatformClient({
  url, key, pause: async () => {},
  fetch: async (address, request) => {
    keys.push(request.headers['Idempotency-Key']);
    if (keys.length === 2) return new Response('{"code":"unavailable"}', { status: 503, headers: { 'Retry-After': '0' } });
    const response = await fetch(address, request);
    if (keys.length === 1) { await response.arrayBuffer(); throw new TypeError('the connection broke'); }
    return response;
  },
});
let replayed;
await flaky.createResource({ type: 'ts.once', data: {} }, { answered: r => { replayed = r.headers.get('Idempotency-Replayed'); } });
assert.equal(new Set(keys).size, 1);
assert.equal(keys.length, 3);
assert.equal(replayed, 'true');
assert.equal((await client.listResources({ type: 'ts.once' })).data.length, 1);
console.log('retries');

const job = await client.submitJob({ type: 'noop', payload: {} });
await until('the job', async () => (await client.getJob(job.id)).state === 'succeeded');
await until('the delivery', async () => (await client.listDeliveries(endpoint.id, { state: 'succeeded' })).data.length > 0);
await until('the search', async () => (await client.search({ q: 'lighthouse' })).data.some(hit => hit.id === made.id));
console.log('jobs, webhooks, search');

await client.deleteResource(made.id);
await assert.rejects(client.getResource(made.id), e => e.status === 404 && e.requestId?.startsWith('req_'));
console.log('done');
