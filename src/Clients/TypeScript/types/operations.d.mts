// Written by tools/clients/generate.mjs out of the OpenAPI document; changes here are lost.
import type { CallOptions } from '../transport.mjs';

/** A session of the database. */
export interface BlockingSession {
  /** Its process. */
  pid: number;
  /** Its name. */
  application: string;
  /** Why it is listed. */
  why: "blocks" | "long_transaction";
  /** What waits for it. */
  blocks: Array<string>;
  /** As the server has it. */
  state: string;
  /** Since when. */
  since: string | null;
  /** How long its transaction is open. */
  transaction_seconds: number | null;
  /** The head of its last statement, without values. */
  query: string;
}

/** The process lives. */
export interface Liveness {
  /** Always this. */
  status: "live";
}

/** Requests will fail. */
export interface NotReady {
  /** Always this. */
  status: "not_ready";
  /** The reason for each check that fails, by its name. */
  failures: Record<string, string>;
}

/** A key that waits. */
export interface ParkedKey {
  /** A name. */
  topic: string;
  /** Its partition. */
  partition: number;
  /** The key. */
  key: string;
  /** That wait. */
  events: number;
  /** At the failing one. */
  attempts: number;
  /** When it is tried again. */
  next_attempt_at: string;
  /** What failed. */
  last_error: string | null;
}

/** Requests will succeed. */
export interface Readiness {
  /** How it does. */
  status: "ready" | "degraded";
  /** Why it is degraded. */
  reasons?: Array<string>;
}

/** A consumer group. */
export interface StreamGroup {
  /** A name. */
  group: string;
  /** Messages not yet read; null while the stream cannot be reached. */
  lag: number | null;
  /** Age of the oldest unread one; null when there is none or the engine cannot tell. */
  lag_seconds: number | null;
  /** Its partitions. */
  partitions: Array<StreamPartition>;
  /** Keys that wait behind an event whose handler fails. */
  parked_keys: number;
  /** The first of them. */
  parked: Array<ParkedKey>;
  /** Dead events. */
  dead: number;
}

/** How far a partition is read. */
export interface StreamPartition {
  /** The stream engine. */
  engine: string;
  /** A name. */
  topic: string;
  /** Its number. */
  partition: number;
  /** The next to be read. */
  next_offset: number;
  /** The offset that the next message gets. */
  head: number | null;
  /** Messages not yet read. */
  lag: number | null;
  /** Age of the oldest unread one. */
  lag_seconds: number | null;
  /** The instance that reads it; empty when none ever did. */
  owner: string;
  /** Of its ownership. */
  epoch: number;
}

/** How one service's event path does. */
export interface StreamService {
  /** A name. */
  service: string;
  /** The stream engine that its groups read. */
  engine: string;
  /** Why nothing but `blocking` is known; null when all is. */
  unreadable: string | null;
  /** Why heads and lags are not known; null when they are. */
  stream_unreachable: string | null;
  /** What is committed and not yet published. */
  outbox: StreamServiceOutbox | null;
  /** Who publishes. */
  relay: StreamServiceRelay | null;
  /** Its consumer groups. */
  groups: Array<StreamGroup>;
  /** Sessions of its database server that hold others up or keep a transaction open. */
  blocking: Array<BlockingSession> | null;
}

/** What is committed and not yet published. */
export interface StreamServiceOutbox {
  /** How many, counted up to 100,000. */
  events: number;
  /** Age of the oldest; null when there is none. */
  oldest_age_seconds: number | null;
  /** On disk. */
  bytes: number;
}

/** Who publishes. */
export interface StreamServiceRelay {
  /** The instance; empty before the first. */
  leader: string;
  /** Since when. */
  since: string;
  /** How many there were. */
  epoch: number;
}

/** The event path. */
export interface Streams {
  /** A service each, by name. */
  services: Array<StreamService>;
  /** Peers that did not answer. */
  unreachable: Array<StreamsUnreachableItem>;
}

/** A peer that did not answer. */
export interface StreamsUnreachableItem {
  /** Its address. */
  peer: string;
  /** Why. */
  reason: string;
}

export interface GetStreamsQuery {
  /** Only this service. */
  service?: string;
  /** Only this consumer group. */
  group?: string;
  /** Whether peers are left out. */
  local?: "true" | "false";
}

export interface OperationsApi {
  /** This document for people: GET /docs */
  getDocs(options?: CallOptions): Promise<string>;

  /** Whether the process lives: GET /health/live */
  getLiveness(options?: CallOptions): Promise<Liveness>;

  /** Whether requests will succeed: GET /health/ready */
  getReadiness(options?: CallOptions): Promise<Readiness>;

  /** Metrics for Prometheus: GET /metrics */
  getMetrics(options?: CallOptions): Promise<string>;

  /** This document: GET /openapi/v1.json */
  getOpenApi(options?: CallOptions): Promise<any>;

  /** How the event path does (scope operations.read): GET /v1/streams */
  getStreams(query?: GetStreamsQuery, options?: CallOptions): Promise<Streams>;
}
