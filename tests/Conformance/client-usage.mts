// Compiles, or the types of the TypeScript client are not what they should be. It is never run.
import { PlatformClient, PlatformError, type Job, type Resource, type StreamEvent } from '../../src/Clients/TypeScript/client.mjs';

const client = new PlatformClient({ url: 'http://localhost:8080', key: 'pk_live_' });
const made: Resource = await client.createResource({ type: 'order', data: { total: 42 } }, { idempotencyKey: 'one' });
const version: number = made.version;
for await (const job of client.listJobsAll({ state: 'dead', fields: ['id', 'error'] })) {
  const shown: Job = job;
  const error: string | null = shown.error;
  void error;
}

try {
  const nothing: void = await client.deleteResource(made.id, { ifMatch: `"${version}"` });
  void nothing;
} catch (failure) {
  if (failure instanceof PlatformError) for (const fault of failure.errors) console.log(fault.pointer);
}

// @ts-expect-error: a type is required
await client.createResource({ data: {} });
// @ts-expect-error: not a state
await client.listJobs({ state: 'asleep' });
// @ts-expect-error: there is no such operation
await client.createUnicorn();

export type Uses = StreamEvent;
