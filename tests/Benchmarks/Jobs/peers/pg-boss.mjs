// Batches of 500, woken by NOTIFY, fetching on while batches come back full; the housekeeping it comes with stays on.
import { PgBoss } from 'pg-boss';
import pg from 'pg';

const QUEUE = 'noop';

export async function open(connectionString, onJob) {
  const boss = new PgBoss({ connectionString, max: 20, useListenNotify: true });
  boss.on('error', (error) => console.error(error));
  await boss.start();
  await boss.createQueue(QUEUE, { notify: true });
  const pool = new pg.Pool({ connectionString, max: 1 });
  return {
    addMany: (payloads) => boss.insert(QUEUE, payloads.map((data) => ({ data }))),
    add: (data) => boss.send(QUEUE, data),
    left: async () => Number((await pool.query(`SELECT count(*) FROM pgboss.job WHERE name = $1 AND state < 'completed'`, [QUEUE])).rows[0].count),
    start: () =>
      boss.work(QUEUE, { batchSize: 500, localConcurrency: 4, burstWhenBatchFull: true, pollingIntervalSeconds: 0.5 }, async (jobs) => {
        for (const job of jobs) onJob(job.data);
      }),
    async close() {
      await boss.stop({ graceful: false });
      await pool.end();
    },
  };
}
