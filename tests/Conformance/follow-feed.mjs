// Reads {url, token, count} as JSON and follows the event feed from its beginning with independent clients: eventsource, ws as JSON and ws as MessagePack
// (decoded by @msgpack/msgpack), each until it has so many events. Says for each event "sse <json>", "json <json>" or "msgpack <json>", and then "errors <json>":
// what a frame that is wrong is answered with.
import { createInterface } from "node:readline";
import { EventSource } from "eventsource";
import { WebSocket } from "ws";
import { decode, encode } from "@msgpack/msgpack";

const { url, token, count } = JSON.parse((await createInterface({ input: process.stdin })[Symbol.asyncIterator]().next()).value);

const sse = () => new Promise((resolve, reject) => {
  const events = [];
  const source = new EventSource(`${url}v1/events/stream?after=0`, {
    fetch: (input, init) => fetch(input, { ...init, headers: { ...init.headers, Authorization: `Bearer ${token}` } }),
  });
  const take = (event) => {
    const data = JSON.parse(event.data);
    if (event.lastEventId !== String(data.position) || event.type !== data.type) reject(new Error(`id ${event.lastEventId} of ${event.data}`));
    events.push(`sse ${event.data}`);
    if (events.length === count) { source.close(); resolve(events); }
  };
  for (const type of ["resource.created", "job.created"]) source.addEventListener(type, take);
  source.onerror = (e) => { source.close(); reject(new Error(`eventsource: ${e.message}`)); };
});

const socket = (name, pack, unpack) => new Promise((resolve, reject) => {
  const lines = [];
  const client = new WebSocket(`${url.replace("http", "ws")}v1/stream`, [`platform.${name}`], { headers: { Authorization: `Bearer ${token}` } });
  client.on("open", () => {
    client.send(pack({ type: "subscribe", id: "s", types: ["*"], after: 0 }));
    client.send(pack({ type: "subscribe", id: "t", after: 123456, typo: [1, { a: null }] }));
  });
  let errors = null;
  client.on("message", (data) => {
    const frame = unpack(data);
    if (frame.type === "event") {
      if (frame.position !== frame.event.position || frame.subscription !== "s") reject(new Error(JSON.stringify(frame)));
      lines.push(`${name} ${JSON.stringify(frame.event)}`);
    }
    if (frame.type === "error") errors = `errors ${JSON.stringify(frame.errors.map((e) => e.pointer))}`;
    if (lines.length === count && errors) client.close(1000);
  });
  client.on("close", (code) => code === 1000 ? resolve([...lines, errors]) : reject(new Error(`closed with ${code}`)));
  client.on("error", reject);
});

const all = await Promise.all([
  sse(),
  socket("json", JSON.stringify, (data) => JSON.parse(data.toString())),
  socket("msgpack", encode, (data) => decode(data)),
]);
for (const line of all.flat()) console.log(line);
