// Written by tools/clients/generate.mjs out of the OpenAPI document; changes here are lost.
import type { Page, PageQuery } from './pages.mjs';
import type { Delivery } from './deliveries.mjs';
import type { CallOptions } from '../transport.mjs';

/** A webhook endpoint as a caller writes it. */
export interface NewWebhookEndpoint {
  /** Absolute, http or https, without user, password and fragment. Where it leads is judged when it is connected to. */
  url: string;
  /** The events that it wants; all when left out or empty. */
  event_types?: Array<string> | null;
  /** Only events whose labels include all of these. */
  labels?: Record<string, string> | null;
  /** A condition over the event: `{ref, op, value}` with `ref` `type` or a path such as `data.labels.env`, and `op` one of `eq`, `ne`, `gt`, `ge`, `lt`, `le`, `exists`; or `{and: [...]}`, `{or: [...]}`, `{not: ...}`. What is not there equals nothing and has no order. */
  filter?: any;
  /** For people. */
  description?: string | null;
  /** Attempts a second at most; null for no limit. */
  rate_limit?: number | null;
  /** Seconds for a whole attempt; null for the platform's own (15 unless set otherwise). */
  timeout?: number | null;
  /** `subject`: a delivery starts when the one before about the same subject has succeeded or finally failed. */
  ordering?: "none" | "subject" | null;
  /** `thin`: the webhook's `data` is `{id, subject, event_id, url}`, not the event's. */
  payload?: "full" | "thin" | null;
  /** `v1`: HMAC-SHA256 with the secret; `v1a`: ed25519, verified with `public_key`. A change makes a new key; the old one signs as well for 24 hours. */
  signature?: "v1" | "v1a" | null;
  /** Sent with every attempt. Those of the message, the signature and the connection cannot be set. */
  headers?: Record<string, string> | null;
  /** Whether nothing is sent. */
  disabled?: boolean | null;
}

/** A secret of the caller's own. */
export interface NewWebhookSecret {
  /** `v1`: `whsec_` and the base64 of 24 to 64 bytes; `v1a`: `whsk_` and the base64 of an ed25519 private key. Made here when left out. */
  secret?: string | null;
}

/** Which events. */
export interface ReplayWebhookEndpointBody {
  /** From this time on, by when the event happened. */
  since: string;
  /** Before this time; now where it is left out or later. */
  until?: string | null;
  /** What failed for good. */
  only_failed?: boolean | null;
  /** What the endpoint never got: it came later, wanted less, or was disabled. */
  only_missing?: boolean | null;
  /** Only events of these types. */
  event_types?: Array<string> | null;
}

/** Where webhooks are sent, without its secret. */
export interface WebhookEndpoint {
  /** Its id. */
  id: string;
  /** Absolute, http or https, without user, password and fragment. Where it leads is judged when it is connected to. */
  url: string;
  /** The events that it wants. */
  event_types: Array<string>;
  /** Only events whose labels include all of these. */
  labels: Record<string, string>;
  /** A condition over the event: `{ref, op, value}` with `ref` `type` or a path such as `data.labels.env`, and `op` one of `eq`, `ne`, `gt`, `ge`, `lt`, `le`, `exists`; or `{and: [...]}`, `{or: [...]}`, `{not: ...}`. What is not there equals nothing and has no order. */
  filter: any;
  /** For people. */
  description: string | null;
  /** Attempts a second at most; null for no limit. */
  rate_limit: number | null;
  /** Seconds for a whole attempt; null for the platform's own (15 unless set otherwise). */
  timeout: number | null;
  /** `subject`: a delivery starts when the one before about the same subject has succeeded or finally failed. */
  ordering: "none" | "subject";
  /** `thin`: the webhook's `data` is `{id, subject, event_id, url}`, not the event's. */
  payload: "full" | "thin";
  /** `v1`: HMAC-SHA256 with the secret; `v1a`: ed25519, verified with `public_key`. A change makes a new key; the old one signs as well for 24 hours. */
  signature: "v1" | "v1a";
  /** Verifies what is signed by `v1a`; null for `v1`. */
  public_key: string | null;
  /** Sent with every attempt. Those of the message, the signature and the connection cannot be set. */
  headers: Record<string, string>;
  /** Whether nothing is sent. */
  disabled: boolean;
  /** Since when. */
  disabled_at: string | null;
  /** `manual`: a caller said so; `gone`: the receiver answered 410; `failing`: nothing but failures, for days. */
  disabled_reason: "manual" | "gone" | "failing" | null;
  /**  */
  health: WebhookEndpointHealth;
  /** One more with each change. Also its `ETag`. */
  version: number;
  /** When it was made. */
  created_at: string;
  /** When it was changed last. */
  updated_at: string;
}

/** How it is doing, over all processes. It changes without a new version. */
export interface WebhookEndpointHealth {
  /** `open` after too many failures in a row: deliveries wait, without losing attempts; `half_open` while one of them finds out; `recovering` while what waits is let go step by step. */
  state: "closed" | "open" | "half_open" | "recovering";
  /** The first failure since the last success; null when the last attempt succeeded. */
  failing_since: string | null;
  /** Attempts that failed since the last success. */
  consecutive_failures: number;
  /** At a quick pace noted every few seconds. */
  last_success_at: string | null;
  /** When an attempt failed last. */
  last_failure_at: string | null;
}

/** A page of a list. */
export type WebhookEndpointList = Page<WebhookEndpoint>;

/** A merge patch (RFC 7396) of what can be set; a null removes. */
export interface WebhookEndpointPatch {
  /** Absolute, http or https, without user, password and fragment. Where it leads is judged when it is connected to. */
  url?: string | null;
  /** The events that it wants; all when left out or empty. */
  event_types?: Array<string> | null;
  /** Only events whose labels include all of these. */
  labels?: Record<string, string> | null;
  /** A condition over the event: `{ref, op, value}` with `ref` `type` or a path such as `data.labels.env`, and `op` one of `eq`, `ne`, `gt`, `ge`, `lt`, `le`, `exists`; or `{and: [...]}`, `{or: [...]}`, `{not: ...}`. What is not there equals nothing and has no order. */
  filter?: any;
  /** For people. */
  description?: string | null;
  /** Attempts a second at most; null for no limit. */
  rate_limit?: number | null;
  /** Seconds for a whole attempt; null for the platform's own (15 unless set otherwise). */
  timeout?: number | null;
  /** `subject`: a delivery starts when the one before about the same subject has succeeded or finally failed. */
  ordering?: "none" | "subject" | null;
  /** `thin`: the webhook's `data` is `{id, subject, event_id, url}`, not the event's. */
  payload?: "full" | "thin" | null;
  /** `v1`: HMAC-SHA256 with the secret; `v1a`: ed25519, verified with `public_key`. A change makes a new key; the old one signs as well for 24 hours. */
  signature?: "v1" | "v1a" | null;
  /** Sent with every attempt. Those of the message, the signature and the connection cannot be set. */
  headers?: Record<string, string> | null;
  /** Whether nothing is sent. */
  disabled?: boolean | null;
}

/** A webhook endpoint and its secret. */
export interface WebhookEndpointWithSecret {
  /** Its id. */
  id: string;
  /** Absolute, http or https, without user, password and fragment. Where it leads is judged when it is connected to. */
  url: string;
  /** The events that it wants. */
  event_types: Array<string>;
  /** Only events whose labels include all of these. */
  labels: Record<string, string>;
  /** A condition over the event: `{ref, op, value}` with `ref` `type` or a path such as `data.labels.env`, and `op` one of `eq`, `ne`, `gt`, `ge`, `lt`, `le`, `exists`; or `{and: [...]}`, `{or: [...]}`, `{not: ...}`. What is not there equals nothing and has no order. */
  filter: any;
  /** For people. */
  description: string | null;
  /** Attempts a second at most; null for no limit. */
  rate_limit: number | null;
  /** Seconds for a whole attempt; null for the platform's own (15 unless set otherwise). */
  timeout: number | null;
  /** `subject`: a delivery starts when the one before about the same subject has succeeded or finally failed. */
  ordering: "none" | "subject";
  /** `thin`: the webhook's `data` is `{id, subject, event_id, url}`, not the event's. */
  payload: "full" | "thin";
  /** `v1`: HMAC-SHA256 with the secret; `v1a`: ed25519, verified with `public_key`. A change makes a new key; the old one signs as well for 24 hours. */
  signature: "v1" | "v1a";
  /** Verifies what is signed by `v1a`; null for `v1`. */
  public_key: string | null;
  /** Sent with every attempt. Those of the message, the signature and the connection cannot be set. */
  headers: Record<string, string>;
  /** Whether nothing is sent. */
  disabled: boolean;
  /** Since when. */
  disabled_at: string | null;
  /** `manual`: a caller said so; `gone`: the receiver answered 410; `failing`: nothing but failures, for days. */
  disabled_reason: "manual" | "gone" | "failing" | null;
  /**  */
  health: WebhookEndpointHealth;
  /** One more with each change. Also its `ETag`. */
  version: number;
  /** When it was made. */
  created_at: string;
  /** When it was changed last. */
  updated_at: string;
  /** Signs what is sent, as Standard Webhooks has it. Not there for `v1a`, whose private key is never shown. */
  secret?: string;
  /** Until when the secret before signs as well; after a rotation. */
  previous_secret_expires_at?: string;
}

/** Past events that are sent again in the background. */
export interface WebhookReplay {
  /** Its id. */
  id: string;
  /** The endpoint; null for all. */
  endpoint_id: string | null;
  /** `finished` when all is queued, which is not to say delivered. */
  state: "running" | "finished" | "cancelled" | "failed";
  /** Why it failed. */
  reason: string | null;
  /** From this time on, by when the event happened. */
  since: string | null;
  /** Before this time; now where it is left out or later. */
  until: string;
  /** What failed for good. */
  only_failed: boolean;
  /** What the endpoint never got: it came later, wanted less, or was disabled. */
  only_missing: boolean;
  /** Only events of these types. */
  event_types: Array<string>;
  /** Only deliveries in this state; null where that does not matter. */
  delivery_state: "failed" | "disabled" | "succeeded" | null;
  /** What failed with this error. */
  error: string | null;
  /** Events or deliveries that were looked at. */
  scanned: number;
  /** Those of them that are sent again. */
  queued: number;
  /** When it was asked for. */
  created_at: string;
  /** When it ended; null before. */
  finished_at: string | null;
}

/** A page of a list. */
export type WebhookReplayList = Page<WebhookReplay>;

/** A secret, or a public key. */
export interface WebhookSecret {
  /** Signs what is sent, as Standard Webhooks has it. */
  secret: string | null;
  /** Verifies what is signed by `v1a`; null for `v1`. */
  public_key: string | null;
}

export interface ListWebhookEndpointsQuery extends PageQuery {
  /** Only these fields of each object. */
  fields?: Array<"id" | "url" | "event_types" | "labels" | "filter" | "description" | "rate_limit" | "timeout" | "ordering" | "payload" | "signature" | "public_key" | "headers" | "disabled" | "disabled_at" | "disabled_reason" | "health" | "version" | "created_at" | "updated_at">;
}

export interface GetWebhookEndpointQuery {
  /** Only these fields of each object. */
  fields?: Array<"id" | "url" | "event_types" | "labels" | "filter" | "description" | "rate_limit" | "timeout" | "ordering" | "payload" | "signature" | "public_key" | "headers" | "disabled" | "disabled_at" | "disabled_reason" | "health" | "version" | "created_at" | "updated_at">;
}

export interface ListWebhookReplaysQuery extends PageQuery {}

export interface WebhooksApi {
  /** List webhook endpoints (scope webhooks.read): GET /v1/webhook-endpoints */
  listWebhookEndpoints(query?: ListWebhookEndpointsQuery, options?: CallOptions): Promise<WebhookEndpointList>;
  /** All of listWebhookEndpoints, page by page as they are asked for. */
  listWebhookEndpointsAll(query?: ListWebhookEndpointsQuery, options?: CallOptions): AsyncGenerator<WebhookEndpoint, void, undefined>;

  /** Make a webhook endpoint (scope webhooks.write): POST /v1/webhook-endpoints */
  createWebhookEndpoint(body: NewWebhookEndpoint, options?: CallOptions): Promise<WebhookEndpointWithSecret>;

  /** Get a webhook endpoint (scope webhooks.read): GET /v1/webhook-endpoints/{id} */
  getWebhookEndpoint(id: string, query?: GetWebhookEndpointQuery, options?: CallOptions): Promise<WebhookEndpoint>;

  /** Change a webhook endpoint (scope webhooks.write): PATCH /v1/webhook-endpoints/{id} */
  patchWebhookEndpoint(id: string, body: WebhookEndpointPatch, options?: CallOptions): Promise<WebhookEndpoint>;

  /** Delete a webhook endpoint (scope webhooks.write): DELETE /v1/webhook-endpoints/{id} */
  deleteWebhookEndpoint(id: string, options?: CallOptions): Promise<void>;

  /** Get an endpoint's secret (scope webhooks.write): GET /v1/webhook-endpoints/{id}/secret */
  getWebhookEndpointSecret(id: string, options?: CallOptions): Promise<WebhookSecret>;

  /** Enable a webhook endpoint (scope webhooks.write): POST /v1/webhook-endpoints/{id}:enable */
  enableWebhookEndpoint(id: string, options?: CallOptions): Promise<WebhookEndpoint>;

  /** Replay past events to an endpoint (scope webhooks.write): POST /v1/webhook-endpoints/{id}:replay */
  replayWebhookEndpoint(id: string, body: ReplayWebhookEndpointBody, options?: CallOptions): Promise<WebhookReplay>;

  /** Rotate an endpoint's secret (scope webhooks.write): POST /v1/webhook-endpoints/{id}:rotate-secret */
  rotateWebhookEndpointSecret(id: string, body?: NewWebhookSecret, options?: CallOptions): Promise<WebhookEndpointWithSecret>;

  /** Send a test to an endpoint (scope webhooks.write): POST /v1/webhook-endpoints/{id}:test */
  testWebhookEndpoint(id: string, options?: CallOptions): Promise<Delivery>;

  /** List replays (scope webhooks.read): GET /v1/webhook-replays */
  listWebhookReplays(query?: ListWebhookReplaysQuery, options?: CallOptions): Promise<WebhookReplayList>;
  /** All of listWebhookReplays, page by page as they are asked for. */
  listWebhookReplaysAll(query?: ListWebhookReplaysQuery, options?: CallOptions): AsyncGenerator<WebhookReplay, void, undefined>;

  /** Get a replay (scope webhooks.read): GET /v1/webhook-replays/{id} */
  getWebhookReplay(id: string, options?: CallOptions): Promise<WebhookReplay>;

  /** Cancel a replay (scope webhooks.write): POST /v1/webhook-replays/{id}:cancel */
  cancelWebhookReplay(id: string, options?: CallOptions): Promise<WebhookReplay>;
}
