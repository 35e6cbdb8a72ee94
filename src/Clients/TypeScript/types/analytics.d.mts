// Written by tools/clients/generate.mjs out of the OpenAPI document; changes here are lost.
import type { CallOptions } from '../transport.mjs';

/** Counts. */
export interface Usage {
  /** The width of a bucket. */
  interval: "minute" | "hour" | "day";
  /** The first minute. */
  from: string;
  /** The minute after the last. */
  to: string;
  /** By bucket, then by group. */
  data: Array<UsageCount>;
  /** The sum. */
  total: number;
}

/** A count. */
export interface UsageCount {
  /** When the bucket begins. */
  start: string;
  /** What was counted. */
  group: string;
  /** How often. */
  count: number;
}

export interface GetUsageQuery {
  /** The first minute; 24 hours before `to` when left out. */
  from?: string;
  /** The minute after the last; now when left out. */
  to?: string;
  /** The width of a bucket. */
  interval?: "minute" | "hour" | "day";
  /** What is told apart. */
  group_by?: "type" | "api_key" | "status" | "queue";
}

export interface AnalyticsApi {
  /** Count usage (scope analytics.read): GET /v1/analytics/usage */
  getUsage(query?: GetUsageQuery, options?: CallOptions): Promise<Usage>;
}
