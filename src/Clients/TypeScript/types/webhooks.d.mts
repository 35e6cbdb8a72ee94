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
  /** For people. */
  description?: string | null;
  /** Attempts a second at most; null for no limit. */
  rate_limit?: number | null;
  /** Sent with every attempt. Those of the message, the signature and the connection cannot be set. */
  headers?: Record<string, string> | null;
  /** Whether nothing is sent. */
  disabled?: boolean | null;
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
  /** For people. */
  description: string | null;
  /** Attempts a second at most; null for no limit. */
  rate_limit: number | null;
  /** Sent with every attempt. Those of the message, the signature and the connection cannot be set. */
  headers: Record<string, string>;
  /** Whether nothing is sent. */
  disabled: boolean;
  /** Since when. */
  disabled_at: string | null;
  /** `manual`: a caller said so; `gone`: the receiver answered 410. */
  disabled_reason: "manual" | "gone" | null;
  /** One more with each change. Also its `ETag`. */
  version: number;
  /** When it was made. */
  created_at: string;
  /** When it was changed last. */
  updated_at: string;
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
  /** For people. */
  description?: string | null;
  /** Attempts a second at most; null for no limit. */
  rate_limit?: number | null;
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
  /** For people. */
  description: string | null;
  /** Attempts a second at most; null for no limit. */
  rate_limit: number | null;
  /** Sent with every attempt. Those of the message, the signature and the connection cannot be set. */
  headers: Record<string, string>;
  /** Whether nothing is sent. */
  disabled: boolean;
  /** Since when. */
  disabled_at: string | null;
  /** `manual`: a caller said so; `gone`: the receiver answered 410. */
  disabled_reason: "manual" | "gone" | null;
  /** One more with each change. Also its `ETag`. */
  version: number;
  /** When it was made. */
  created_at: string;
  /** When it was changed last. */
  updated_at: string;
  /** Signs what is sent, as Standard Webhooks has it. */
  secret: string;
  /** Until when the secret before signs as well; after a rotation. */
  previous_secret_expires_at?: string;
}

/** A secret. */
export interface WebhookSecret {
  /** Signs what is sent, as Standard Webhooks has it. */
  secret: string;
}

export interface ListWebhookEndpointsQuery extends PageQuery {
  /** Only these fields of each object. */
  fields?: Array<"id" | "url" | "event_types" | "labels" | "description" | "rate_limit" | "headers" | "disabled" | "disabled_at" | "disabled_reason" | "version" | "created_at" | "updated_at">;
}

export interface GetWebhookEndpointQuery {
  /** Only these fields of each object. */
  fields?: Array<"id" | "url" | "event_types" | "labels" | "description" | "rate_limit" | "headers" | "disabled" | "disabled_at" | "disabled_reason" | "version" | "created_at" | "updated_at">;
}

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

  /** Rotate an endpoint's secret (scope webhooks.write): POST /v1/webhook-endpoints/{id}:rotate-secret */
  rotateWebhookEndpointSecret(id: string, options?: CallOptions): Promise<WebhookEndpointWithSecret>;

  /** Send a test to an endpoint (scope webhooks.write): POST /v1/webhook-endpoints/{id}:test */
  testWebhookEndpoint(id: string, options?: CallOptions): Promise<Delivery>;
}
