// Written by tools/clients/generate.mjs out of the OpenAPI document; changes here are lost.
import type { Page, PageQuery } from './pages.mjs';
import type { WebhookReplay } from './webhooks.mjs';
import type { CallOptions } from '../transport.mjs';

/** One event on its way to one endpoint. */
export interface Delivery {
  /** Its id: the same event and endpoint have the same. */
  id: string;
  /** The endpoint. */
  endpoint_id: string;
  /** The event; also the `webhook-id` of every attempt. */
  event_id: string;
  /** The event's type; null when the message has expired. */
  event_type: string | null;
  /** `pending` while an attempt runs or follows. */
  state: "pending" | "succeeded" | "failed" | "disabled";
  /** Why it failed where no attempt says so; of a pending one what it waits for: `waiting_for_order`, `circuit_open`. */
  reason: string | null;
  /** The attempts made. */
  attempt_count: number;
  /** When it was made. */
  created_at: string;
  /** When it was tried last; null before the first attempt. */
  last_attempt_at: string | null;
  /** When it is tried again; null where no attempt waits for its time. */
  next_attempt_at: string | null;
  /** When it ended; null before. */
  finished_at: string | null;
}

/** One attempt. */
export interface DeliveryAttempt {
  /** 1 for the first. */
  number: number;
  /** Why it was made: the event, the failure before it, or because a caller asked for it. */
  trigger: "event" | "retry" | "redeliver" | "replay" | "test" | null;
  /** When it began. */
  at: string;
  /** How long it took. */
  duration_ms: number;
  /** Where the time went, in milliseconds. Null where a step was not reached, or where an open connection spared it. */
  timing: DeliveryAttemptTiming;
  /** A connection carried it that was open already; null where that was not noted. */
  connection_reused: boolean | null;
  /** The address that was connected to, or was tried last; null for none. */
  address: string | null;
  /** What was sent. */
  request: DeliveryAttemptRequest;
  /** What came back; null for nothing. */
  response: DeliveryAttemptResponse | null;
  /** Why it failed, machine-readable; null for success. */
  error: string | null;
  /** More about the error, for people. */
  detail: string | null;
}

/** What was sent. */
export interface DeliveryAttemptRequest {
  /** Always this. */
  method: "POST";
  /** Where to. */
  url: string;
  /** As they were sent; of the endpoint's own headers those that look secret show as `***`. */
  headers: Record<string, string>;
}

/** What came back; null for nothing. */
export interface DeliveryAttemptResponse {
  /** HTTP status. */
  status: number;
  /** The headers, a line each. */
  headers: string | null;
  /** The head of the body. */
  body: string;
}

/** Where the time went, in milliseconds. Null where a step was not reached, or where an open connection spared it. */
export interface DeliveryAttemptTiming {
  /** Looking up the host's name; null for an address. */
  dns_ms: number | null;
  /** The TCP connection. */
  connect_ms: number | null;
  /** The TLS handshake; null without TLS. */
  tls_ms: number | null;
  /** From the beginning to the first byte of the answer. */
  first_byte_ms: number | null;
  /** All of it. */
  total_ms: number;
}

/** A page of a list. */
export type DeliveryList = Page<Delivery>;

/** A delivery and every attempt of it. */
export interface DeliveryWithAttempts {
  /** Its id: the same event and endpoint have the same. */
  id: string;
  /** The endpoint. */
  endpoint_id: string;
  /** The event; also the `webhook-id` of every attempt. */
  event_id: string;
  /** The event's type; null when the message has expired. */
  event_type: string | null;
  /** `pending` while an attempt runs or follows. */
  state: "pending" | "succeeded" | "failed" | "disabled";
  /** Why it failed where no attempt says so; of a pending one what it waits for: `waiting_for_order`, `circuit_open`. */
  reason: string | null;
  /** The attempts made. */
  attempt_count: number;
  /** When it was made. */
  created_at: string;
  /** When it was tried last; null before the first attempt. */
  last_attempt_at: string | null;
  /** When it is tried again; null where no attempt waits for its time. */
  next_attempt_at: string | null;
  /** When it ended; null before. */
  finished_at: string | null;
  /** The first one first. */
  attempts: Array<DeliveryAttempt>;
}

/** What became of an event at one endpoint: its delivery, or why there is none. */
export interface EventDelivery {
  /** The delivery; null for none. */
  id: string | null;
  /** The endpoint. */
  endpoint_id: string;
  /** The event; also the `webhook-id` of every attempt. */
  event_id: string;
  /** The event's type; null when the message has expired. */
  event_type: string | null;
  /** `unmatched` where there is no delivery. */
  state: "pending" | "succeeded" | "failed" | "disabled" | "unmatched";
  /** What became of it, in a word. */
  outcome: "delivered" | "pending" | "failed" | "unmatched" | "disabled" | "throttled" | "created_later";
  /** Of `unmatched`: which filter (`event_type`, `labels`, `filter`), or `changed_since` where the endpoint would want the event by now. Of `throttled`: `rate_limit`, `endpoint_busy` or `circuit_open`. Of `pending`: `queued`, `sending`, `retry` or `waiting_for_order`. Of `failed`: the last error. */
  reason: string | null;
  /** The same for people. */
  explanation: string;
  /** The attempts made. */
  attempt_count?: number;
  /** When it was made. */
  created_at?: string;
  /** When it was tried last; null before the first attempt. */
  last_attempt_at?: string | null;
  /** When it is tried again; null where no attempt waits for its time. */
  next_attempt_at?: string | null;
  /** When it ended; null before. */
  finished_at?: string | null;
  /** The endpoint's address. */
  endpoint_url: string;
  /** Since when the endpoint is disabled; null where it is not. */
  endpoint_disabled_at: string | null;
  /** Why it is. */
  endpoint_disabled_reason: string | null;
}

/** A page of a list. */
export type EventDeliveryList = Page<EventDelivery>;

/** Which deliveries. */
export interface RedeliverManyBody {
  /** Only of this endpoint. */
  endpoint_id?: string | null;
  /** Those in this state; `failed` where it is left out. */
  state?: "failed" | "disabled" | "succeeded" | null;
  /** What failed with this error. */
  error?: string | null;
  /** From this time on, by when the event happened. */
  since?: string | null;
  /** Before this time; now where it is left out or later. */
  until?: string | null;
}

export interface ListDeliveriesQuery extends PageQuery {
  /** Only in this state. */
  state?: "pending" | "succeeded" | "failed" | "disabled";
  /** Only these fields of each object. */
  fields?: Array<"id" | "endpoint_id" | "event_id" | "event_type" | "state" | "reason" | "attempt_count" | "created_at" | "last_attempt_at" | "next_attempt_at" | "finished_at">;
}

export interface DeliveriesApi {
  /** Get a delivery (scope webhooks.read): GET /v1/deliveries/{id} */
  getDelivery(id: string, options?: CallOptions): Promise<DeliveryWithAttempts>;

  /** Deliver again (scope webhooks.write): POST /v1/deliveries/{id}:redeliver */
  redeliver(id: string, options?: CallOptions): Promise<Delivery>;

  /** Deliver many again (scope webhooks.write): POST /v1/deliveries:redeliver */
  redeliverMany(body: RedeliverManyBody, options?: CallOptions): Promise<WebhookReplay>;

  /** List an event's deliveries (scope webhooks.read): GET /v1/events/{id}/deliveries */
  listEventDeliveries(id: string, options?: CallOptions): Promise<EventDeliveryList>;

  /** List an endpoint's deliveries (scope webhooks.read): GET /v1/webhook-endpoints/{id}/deliveries */
  listDeliveries(id: string, query?: ListDeliveriesQuery, options?: CallOptions): Promise<DeliveryList>;
  /** All of listDeliveries, page by page as they are asked for. */
  listDeliveriesAll(id: string, query?: ListDeliveriesQuery, options?: CallOptions): AsyncGenerator<Delivery, void, undefined>;
}
