/** How to reach a platform. */
export interface ClientOptions {
  /** Such as `http://localhost:8080`. */
  url: string;
  /** An API key. */
  key?: string;
  /** Requests that one operation may take; 5 by default. */
  maxAttempts?: number;
  fetch?: typeof globalThis.fetch;
  /** Waits; for tests. */
  pause?: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
}

export interface CallOptions {
  /** Of a write: the same key with the same request happens once. One is made up when it is left out. */
  idempotencyKey?: string;
  /** Only if this is the current version: an entity tag with its quotes. */
  ifMatch?: string;
  requestId?: string;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** Sees the answer, for its headers. */
  answered?: (response: Response) => void;
}

export interface StreamOptions {
  /** Goes on after this one. */
  lastEventId?: string;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** A server-sent event. */
export interface StreamEvent {
  id?: string;
  /** Its name; a plain message when there is none. */
  type?: string;
  data: string;
}

/** A failure as the API says it: match on `code`. */
export declare class PlatformError extends Error {
  readonly status: number;
  readonly code: string;
  readonly title?: string;
  readonly errors: ReadonlyArray<{ pointer: string; code: string; detail: string }>;
  readonly requestId?: string;
  /** Seconds. */
  readonly retryAfter?: number;
}

export declare class Transport {
  constructor(options: ClientOptions);
}
