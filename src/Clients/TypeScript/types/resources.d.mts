// Written by tools/clients/generate.mjs out of the OpenAPI document; changes here are lost.
import type { Page, PageQuery } from './pages.mjs';
import type { Problem } from './jobs.mjs';
import type { CallOptions } from '../transport.mjs';

/** A write. `create` takes `type`, `data`, `labels`; `replace` `id`, `data`, `labels`, `type`, `if_version`; `patch` `id`, `data`, `labels`, `if_version`; `delete` `id`, `if_version`; `restore` `id`, `version`, `if_version`. */
export interface BatchOperation {
  /** What to do. */
  op: "create" | "replace" | "patch" | "delete" | "restore";
  /** The resource. Required, but for a create. */
  id?: string | null;
  /** Required for a create. A replacement may repeat it; it cannot change. */
  type?: string | null;
  /** Any JSON object; for a patch what is merged into it (RFC 7396). Required for a create and a replacement. */
  data?: any;
  /** Names and values, as of a new resource; for a patch those to set, and a null removes one. */
  labels?: any;
  /** The version to restore. */
  version?: number | null;
  /** Only if this is the current version. */
  if_version?: number | null;
}

/** What became of an operation: the new version, which a deletion does not have, or why it was not done, with pointers into the batch. */
export interface BatchResult {
  /** Its place among the operations, from 0. */
  index: number;
  /** The status that its single route would have answered. */
  status: number;
  /**  */
  resource?: Resource;
  /**  */
  error?: Problem;
}

/** What became of a batch. */
export interface BatchResults {
  /** One for each operation, in their order. */
  results: Array<BatchResult>;
  /** How many were done. */
  succeeded: number;
  /** How many were not. */
  failed: number;
}

/** A resource as lists show it. */
export interface ListedResource {
  /** Its id, in order of creation. */
  id: string;
  /** What kind of thing it is. It cannot change. */
  type: string;
  /** Any JSON object; null in the list of deleted ones. */
  data: any;
  /** Names and values to find it by: up to 64, a name of 1 to 63 characters. */
  labels: Record<string, string>;
  /** 1 for a new one, one more with each change. Also its `ETag`. */
  version: number;
  /** When the first version was made. */
  created_at: string;
  /** When this version was made. */
  updated_at: string;
  /** When it was deleted. In the list of deleted ones alone. */
  deleted_at?: string;
}

/** A page of a list. */
export type ListedResourceList = Page<ListedResource>;

/** A resource as a caller writes it. */
export interface NewResource {
  /** What kind of thing it is. It cannot change. */
  type: string;
  /** Any JSON object. */
  data: any;
  /** Names and values to find it by: up to 64, a name of 1 to 63 characters. */
  labels?: Record<string, string> | null;
}

/** A version of a resource. */
export interface Resource {
  /** Its id, in order of creation. */
  id: string;
  /** What kind of thing it is. It cannot change. */
  type: string;
  /** Any JSON object. */
  data: any;
  /** Names and values to find it by: up to 64, a name of 1 to 63 characters. */
  labels: Record<string, string>;
  /** 1 for a new one, one more with each change. Also its `ETag`. */
  version: number;
  /** When the first version was made. */
  created_at: string;
  /** When this version was made. */
  updated_at: string;
}

/** Writes, in their order. */
export interface ResourceBatch {
  /** What to do. */
  operations: Array<BatchOperation>;
  /** All or nothing. */
  atomic?: boolean | null;
}

/** A merge patch (RFC 7396): a null removes, at any depth. */
export interface ResourcePatch {
  /** Merged into the data. */
  data?: any;
  /** Labels to set; a null removes one. */
  labels?: any;
}

/** Which version to restore. */
export interface ResourceRestore {
  /** The version's number. */
  version: number;
}

/** A type that is in use or has a definition. */
export interface ResourceType {
  /** Its name. */
  type: string;
  /** How many resources of it there are, without deleted ones. Exact. */
  count: number;
  /** For people. */
  description: string | null;
  /** A JSON Schema (2020-12) that the data of this type must meet; null for none. */
  schema: any;
  /** Of the definition: 1 for the first, one more with each change. Also its `ETag`. It and what follows is there where there is a definition. */
  version?: number;
  /** When the type was defined. */
  created_at?: string;
  /** When the definition last changed. */
  updated_at?: string;
  /** Who changed it: the id of a key. */
  updated_by?: string;
}

/** What is said about a type. */
export interface ResourceTypeDefinition {
  /** A JSON Schema (2020-12) that the data of this type must meet; null for none. */
  schema?: any;
  /** For people. */
  description?: string | null;
}

/** A page of a list. */
export type ResourceTypeList = Page<ResourceType>;

/** One version of a resource's history. */
export interface ResourceVersion {
  /** 1 for a new one, one more with each change. Also its `ETag`. */
  version: number;
  /** How it was made; `updated` where the version is from before this was recorded. */
  change: "created" | "replaced" | "patched" | "deleted" | "restored" | "updated";
  /** Null in the version that is the deletion. */
  data: any;
  /** Names and values to find it by: up to 64, a name of 1 to 63 characters. */
  labels: Record<string, string>;
  /** When it was made. */
  updated_at: string;
  /** Who made it: the id of a key. */
  updated_by: string;
  /** Whether this version is the deletion. */
  deleted: boolean;
}

/** A page of a list. */
export type ResourceVersionList = Page<ResourceVersion>;

export interface ListResourceTypesQuery extends PageQuery {}

export interface ListResourcesQuery extends PageQuery {
  /** Only of this type. */
  type?: string;
  /** Only with all of these labels; may be repeated. */
  label?: Array<string>;
  /** Only those created later. */
  created_after?: string;
  /** Only those created earlier. */
  created_before?: string;
  /** Only those changed later. */
  updated_after?: string;
  /** Instead those that are deleted and not yet purged, with `deleted_at`, which `fields` can name then. */
  deleted?: boolean;
  /** The order. */
  sort?: "created_at" | "-created_at" | "updated_at" | "-updated_at";
  /** Only these fields of each object. */
  fields?: Array<"id" | "type" | "data" | "labels" | "version" | "created_at" | "updated_at" | "deleted_at">;
}

export interface GetResourceQuery {
  /** Only these fields of each object. */
  fields?: Array<"id" | "type" | "data" | "labels" | "version" | "created_at" | "updated_at">;
}

export interface ListResourceHistoryQuery extends PageQuery {}

export interface ResourcesApi {
  /** List types (scope resources.read): GET /v1/resource-types */
  listResourceTypes(query?: ListResourceTypesQuery, options?: CallOptions): Promise<ResourceTypeList>;
  /** All of listResourceTypes, page by page as they are asked for. */
  listResourceTypesAll(query?: ListResourceTypesQuery, options?: CallOptions): AsyncGenerator<ResourceType, void, undefined>;

  /** Get a type (scope resources.read): GET /v1/resource-types/{type} */
  getResourceType(type: string, options?: CallOptions): Promise<ResourceType>;

  /** Define a type (scope resources.write): PUT /v1/resource-types/{type} */
  saveResourceType(type: string, body: ResourceTypeDefinition, options?: CallOptions): Promise<ResourceType>;

  /** Forget a type's definition (scope resources.write): DELETE /v1/resource-types/{type} */
  deleteResourceType(type: string, options?: CallOptions): Promise<void>;

  /** List resources (scope resources.read): GET /v1/resources */
  listResources(query?: ListResourcesQuery, options?: CallOptions): Promise<ListedResourceList>;
  /** All of listResources, page by page as they are asked for. */
  listResourcesAll(query?: ListResourcesQuery, options?: CallOptions): AsyncGenerator<ListedResource, void, undefined>;

  /** Create a resource (scope resources.write): POST /v1/resources */
  createResource(body: NewResource, options?: CallOptions): Promise<Resource>;

  /** Get a resource (scope resources.read): GET /v1/resources/{id} */
  getResource(id: string, query?: GetResourceQuery, options?: CallOptions): Promise<Resource>;

  /** Replace a resource (scope resources.write): PUT /v1/resources/{id} */
  replaceResource(id: string, body: NewResource, options?: CallOptions): Promise<Resource>;

  /** Change a part of a resource (scope resources.write): PATCH /v1/resources/{id} */
  patchResource(id: string, body: ResourcePatch, options?: CallOptions): Promise<Resource>;

  /** Delete a resource (scope resources.write): DELETE /v1/resources/{id} */
  deleteResource(id: string, options?: CallOptions): Promise<void>;

  /** List a resource's versions (scope resources.read): GET /v1/resources/{id}/history */
  listResourceHistory(id: string, query?: ListResourceHistoryQuery, options?: CallOptions): Promise<ResourceVersionList>;
  /** All of listResourceHistory, page by page as they are asked for. */
  listResourceHistoryAll(id: string, query?: ListResourceHistoryQuery, options?: CallOptions): AsyncGenerator<ResourceVersion, void, undefined>;

  /** Get a version of a resource (scope resources.read): GET /v1/resources/{id}/history/{version} */
  getResourceVersion(id: string, version: string, options?: CallOptions): Promise<ResourceVersion>;

  /** Restore an earlier version (scope resources.write): POST /v1/resources/{id}:restore */
  restoreResource(id: string, body: ResourceRestore, options?: CallOptions): Promise<Resource>;

  /** Write many resources (scope resources.write): POST /v1/resources:batch */
  writeResources(body: ResourceBatch, options?: CallOptions): Promise<BatchResults>;
}
