// Written by tools/clients/generate.mjs out of the OpenAPI document; changes here are lost.
import type { Page, PageQuery } from './pages.mjs';
import type { CallOptions } from '../transport.mjs';

/** An API key without its text. */
export interface ApiKey {
  /** Its id. */
  id: string;
  /** For people. */
  name: string;
  /** What it may at most; its scopes narrow that further. */
  role: "owner" | "admin" | "developer" | "viewer";
  /** What it may. */
  scopes: Array<"*" | "analytics.read" | "audit.read" | "events.read" | "files.read" | "files.write" | "jobs.read" | "jobs.write" | "keys.read" | "keys.write" | "operations.read" | "operations.write" | "organization.read" | "resources.read" | "resources.write" | "webhooks.read" | "webhooks.write">;
  /** Requests a minute; null for the default. */
  rate_limit: number | null;
  /** Enough of the text to recognise the key by, too little to use it. */
  hint: string;
  /** The key that made it; null for the first one. */
  created_by: string | null;
  /** When it was made. */
  created_at: string;
  /** When it stops to work; null for never. */
  expires_at: string | null;
  /** When it was revoked; null when it was not. */
  revoked_at: string | null;
  /** One more with each change. Also its `ETag`. */
  version: number;
}

/** A page of a list. */
export type ApiKeyList = Page<ApiKey>;

/** How long both work. */
export interface ApiKeyRotation {
  /** Seconds for which the old key still works; 0 revokes it at once. */
  overlap?: number | null;
}

/** An API key and its text, which no other answer holds. */
export interface ApiKeyWithText {
  /** Its id. */
  id: string;
  /** For people. */
  name: string;
  /** What it may at most; its scopes narrow that further. */
  role: "owner" | "admin" | "developer" | "viewer";
  /** What it may. */
  scopes: Array<"*" | "analytics.read" | "audit.read" | "events.read" | "files.read" | "files.write" | "jobs.read" | "jobs.write" | "keys.read" | "keys.write" | "operations.read" | "operations.write" | "organization.read" | "resources.read" | "resources.write" | "webhooks.read" | "webhooks.write">;
  /** Requests a minute; null for the default. */
  rate_limit: number | null;
  /** Enough of the text to recognise the key by, too little to use it. */
  hint: string;
  /** The key that made it; null for the first one. */
  created_by: string | null;
  /** When it was made. */
  created_at: string;
  /** When it stops to work; null for never. */
  expires_at: string | null;
  /** When it was revoked; null when it was not. */
  revoked_at: string | null;
  /** One more with each change. Also its `ETag`. */
  version: number;
  /** The key itself, to be sent as `Authorization: Bearer`. */
  key: string;
}

/** An API key that is to be made. */
export interface NewApiKey {
  /** For people. */
  name: string;
  /** Those of the key that asks when left out. */
  scopes?: Array<"*" | "analytics.read" | "audit.read" | "events.read" | "files.read" | "files.write" | "jobs.read" | "jobs.write" | "keys.read" | "keys.write" | "operations.read" | "operations.write" | "organization.read" | "resources.read" | "resources.write" | "webhooks.read" | "webhooks.write"> | null;
  /** Developer when left out, or admin where the scopes ask for what only an admin may; never more than the key that asks. */
  role?: "owner" | "admin" | "developer" | "viewer" | null;
  /** In the future; that of the key that asks when left out. */
  expires_at?: string | null;
  /** Requests a minute; null for the default. */
  rate_limit?: number | null;
}

export interface ListApiKeysQuery extends PageQuery {
  /** Only these fields of each object. */
  fields?: Array<"id" | "name" | "role" | "scopes" | "rate_limit" | "hint" | "created_by" | "created_at" | "expires_at" | "revoked_at" | "version">;
}

export interface GetApiKeyQuery {
  /** Only these fields of each object. */
  fields?: Array<"id" | "name" | "role" | "scopes" | "rate_limit" | "hint" | "created_by" | "created_at" | "expires_at" | "revoked_at" | "version">;
}

export interface ApiKeysApi {
  /** List API keys (scope keys.read): GET /v1/api-keys */
  listApiKeys(query?: ListApiKeysQuery, options?: CallOptions): Promise<ApiKeyList>;
  /** All of listApiKeys, page by page as they are asked for. */
  listApiKeysAll(query?: ListApiKeysQuery, options?: CallOptions): AsyncGenerator<ApiKey, void, undefined>;

  /** Make an API key (scope keys.write): POST /v1/api-keys */
  createApiKey(body: NewApiKey, options?: CallOptions): Promise<ApiKeyWithText>;

  /** Get an API key (scope keys.read): GET /v1/api-keys/{id} */
  getApiKey(id: string, query?: GetApiKeyQuery, options?: CallOptions): Promise<ApiKey>;

  /** Revoke an API key (scope keys.write): DELETE /v1/api-keys/{id} */
  revokeApiKey(id: string, options?: CallOptions): Promise<void>;

  /** Rotate an API key (scope keys.write): POST /v1/api-keys/{id}:rotate */
  rotateApiKey(id: string, body?: ApiKeyRotation, options?: CallOptions): Promise<ApiKeyWithText>;
}
