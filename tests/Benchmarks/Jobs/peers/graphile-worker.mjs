// As its page on performance says: a local queue, completions in batches, no cron.
import { makeWorkerUtils, run, Logger } from 'graphile-worker';
import pg from 'pg';

const IDENTIFIER = 'noop';
const silent = new Logger(() => () => {});

export async function open(connectionString, onJob) {
  const pgPool = new pg.Pool({ connectionString, max: 20 });
  const utils = await makeWorkerUtils({ pgPool, logger: silent });
  await utils.migrate();
  let runner;
  return {
    addMany: (payloads) => utils.addJobs(payloads.map((payload) => ({ identifier: IDENTIFIER, payload }))),
    add: (payload) => utils.addJob(IDENTIFIER, payload),
    left: async () => Number((await pgPool.query('SELECT count(*) FROM graphile_worker._private_jobs')).rows[0].count),
    async start() {
      runner = await run({
        preset: { worker: { concurrentJobs: 32, maxPoolSize: 20, pollInterval: 2000, localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
        pgPool,
        logger: silent,
        noHandleSignals: true,
        parsedCronItems: [],
        taskList: { [IDENTIFIER]: async (payload) => onJob(payload) },
      });
    },
    async close() {
      await runner.stop();
      await pgPool.end();
    },
  };
}
