// Written by tools/clients/generate.mjs out of the OpenAPI document; changes here are lost.
import type { Page } from './pages.mjs';
import type { CallOptions } from '../transport.mjs';

/** Starts per period. */
export interface NewQueueRate {
  /** Starts. */
  limit: number;
  /** Seconds. */
  period: number;
}

/** A queue as the caller's organization has it. */
export interface Queue {
  /** Its name. Built in are `critical`, `default`, `notifications`, `bulk`; others by configuration. */
  name: string;
  /** Jobs that wait for a worker. */
  depth: number;
  /** Jobs that wait for their time, those between two attempts included. */
  scheduled: number;
  /** Jobs that a worker has. */
  running: number;
  /** Seconds for which the oldest job has been waiting for a worker; 0 when none is. */
  lag: number;
  /** Jobs that ended per second, over the last minute. */
  rate: number;
  /** Whether the organization has paused it. */
  paused: boolean;
  /** Jobs that the organization lets run at the same time; null for no limit. */
  concurrency: number | null;
  /**  */
  rate_limit: QueueRate | null;
  /**  */
  limits: QueueLimits;
}

/** What the platform's configuration allows each organization; of both the lower holds. */
export interface QueueLimits {
  /** Jobs that may run at the same time. */
  concurrency: number | null;
  /**  */
  rate_limit: QueueRate | null;
}

/** A page of a list. */
export type QueueList = Page<Queue>;

/** What is to change; null takes a limit away. */
export interface QueuePatch {
  /** Jobs that may run at the same time. */
  concurrency?: number | null;
  /**  */
  rate_limit?: NewQueueRate | null;
}

/** Starts per period: after a rest up to `limit` at once, then evenly. */
export interface QueueRate {
  /** Starts. */
  limit: number;
  /** Seconds. */
  period: number;
}

export interface QueuesApi {
  /** List queues (scope jobs.read): GET /v1/queues */
  listQueues(options?: CallOptions): Promise<QueueList>;

  /** Limit a queue (scope jobs.write): PATCH /v1/queues/{queue} */
  limitQueue(queue: string, body: QueuePatch, options?: CallOptions): Promise<Queue>;

  /** Pause a queue (scope jobs.write): POST /v1/queues/{queue}:pause */
  pauseQueue(queue: string, options?: CallOptions): Promise<Queue>;

  /** Resume a queue (scope jobs.write): POST /v1/queues/{queue}:resume */
  resumeQueue(queue: string, options?: CallOptions): Promise<Queue>;
}
