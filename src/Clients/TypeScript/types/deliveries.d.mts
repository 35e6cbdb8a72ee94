// Written by tools/clients/generate.mjs out of the OpenAPI document; changes here are lost.
import type { Page, PageQuery } from './pages.mjs';
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
  /** Why it failed where no attempt says so. */
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
  /** When it began. */
  at: string;
  /** How long it took. */
  duration_ms: number;
  /** The address that was connected to; null for none. */
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
  /** Those that name the message. */
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
  /** Why it failed where no attempt says so. */
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
  /** Of `unmatched`: `created_later`, `event_type`, `labels`, or `changed_since` where the endpoint would want the event by now. */
  reason: string | null;
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
}

/** A page of a list. */
export type EventDeliveryList = Page<EventDelivery>;

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

  /** List an event's deliveries (scope webhooks.read): GET /v1/events/{id}/deliveries */
  listEventDeliveries(id: string, options?: CallOptions): Promise<EventDeliveryList>;

  /** List an endpoint's deliveries (scope webhooks.read): GET /v1/webhook-endpoints/{id}/deliveries */
  listDeliveries(id: string, query?: ListDeliveriesQuery, options?: CallOptions): Promise<DeliveryList>;
  /** All of listDeliveries, page by page as they are asked for. */
  listDeliveriesAll(id: string, query?: ListDeliveriesQuery, options?: CallOptions): AsyncGenerator<Delivery, void, undefined>;
}
