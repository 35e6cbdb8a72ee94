// One peer, one run: `node peer.mjs <engine> <connection> <jobs> <pickups>`. Prints a line of JSON: jobs enqueued a second, jobs done a second from the first one
// done until none is left, and milliseconds from the call that enqueues one job until its handler runs.
import { performance } from 'node:perf_hooks';

const [engine, connection, jobs, pickups] = [process.argv[2], process.argv[3], Number(process.argv[4]), Number(process.argv[5])];
const CHUNK = 1000;
const PICKUP_INTERVAL = 10;
const { open } = await import(`./${engine}.mjs`);
const now = () => performance.timeOrigin + performance.now();
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

let handled = 0;
let first = 0;
const latencies = [];
const onJob = (data) => {
  if (handled++ === 0) first = now();
  if (data.at) latencies.push(now() - data.at);
};

const queue = await open(connection, onJob);
const enqueueing = now();
for (let done = 0; done < jobs; done += CHUNK) {
  await queue.addMany(Array.from({ length: Math.min(CHUNK, jobs - done) }, (_, i) => ({ n: done + i })));
}
const enqueued = jobs / ((now() - enqueueing) / 1000);

await queue.start();
const deadline = now() + 120_000;
while (handled < jobs || (await queue.left()) > 0) {
  if (now() > deadline) throw new Error(`${engine}: ${handled} of ${jobs} done in time`);
  await pause(handled < jobs ? 20 : 2);
}
const drained = jobs / ((now() - first) / 1000);

for (let i = 0; i < pickups; i++) {
  const next = now() + PICKUP_INTERVAL;
  await queue.add({ at: now() });
  await pause(Math.max(0, next - now()));
}
while (latencies.length < pickups) {
  if (now() > deadline) throw new Error(`${engine}: ${latencies.length} of ${pickups} picked up in time`);
  await pause(5);
}
latencies.sort((a, b) => a - b);
const at = (q) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * q))];
console.log(JSON.stringify({ enqueued, drained, p50: at(0.5), p99: at(0.99) }));
await queue.close();
process.exit(0);
