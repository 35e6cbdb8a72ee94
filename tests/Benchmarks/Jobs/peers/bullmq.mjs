// Many jobs at once a worker, finished jobs removed.
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';

const NAME = 'noop';

export async function open(address, onJob) {
  const [host, port] = address.split(':');
  const connect = () => new Redis({ host, port: Number(port), maxRetriesPerRequest: null });
  const queue = new Queue(NAME, { connection: connect(), defaultJobOptions: { removeOnComplete: true, removeOnFail: true } });
  let worker;
  return {
    addMany: (payloads) => queue.addBulk(payloads.map((data) => ({ name: NAME, data }))),
    add: (data) => queue.add(NAME, data),
    async left() {
      const counts = await queue.getJobCounts('wait', 'active', 'prioritized', 'delayed');
      return Object.values(counts).reduce((sum, n) => sum + n, 0);
    },
    async start() {
      worker = new Worker(NAME, async (job) => onJob(job.data), { connection: connect(), concurrency: 200 });
      await worker.waitUntilReady();
    },
    async close() {
      await worker.close();
      await queue.close();
    },
  };
}
