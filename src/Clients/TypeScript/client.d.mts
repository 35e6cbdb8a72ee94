// Written by tools/clients/generate.mjs out of the OpenAPI document; changes here are lost.
import { CallOptions, StreamEvent, StreamOptions, Transport } from './transport.mjs';

export { CallOptions, ClientOptions, PlatformError, StreamEvent, StreamOptions } from './transport.mjs';

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
export interface ApiKeyList {
  /** The objects of this page, in the order of the list. */
  data: Array<ApiKey>;
  /** Where the next page begins; null on the last. */
  next_cursor: string | null;
  /** Whether there is another page. */
  has_more: boolean;
}

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

/** How it is cancelled. */
export interface Cancellation {
  /** Whether the completed steps are undone. */
  compensate?: boolean | null;
}

/** What could not succeed. Which of the later fields are there depends on `source`. */
export interface DeadLetter {
  /** Its id. */
  id: string;
  /** Where it comes from. */
  source: "jobs" | "webhooks" | "events";
  /** `redriving` until the service that gave it up has tried again. */
  state: "dead" | "redriving";
  /** Of the job or of the event. */
  type: string;
  /** Why it was given up. */
  reason: string;
  /** How often it was tried. */
  attempts: number;
  /** When it was given up. */
  died_at: string;
  /** Of `jobs`: the job. */
  job_id?: string;
  /** Of `jobs`: its queue. */
  queue?: string;
  /** Of `jobs`: the attempts that failed. */
  errors?: Array<DeadLetterErrorsItem>;
  /** Of `events` and `webhooks`: how often it died. */
  deaths?: number;
  /** Of `events` and `webhooks`: the event. */
  event_id?: string;
  /** Of `events`: where it stands. */
  topic?: string | null;
  /** Of `events`: where it stands. */
  partition?: number;
  /** Of `events`: where it stands. */
  offset?: number;
  /** Of `events`: the consumer group that gave it up. */
  group?: string | null;
  /** Of `events`: its key. */
  key?: string | null;
  /** Of `events`: what the handler threw. */
  exception_type?: string | null;
  /** Of `webhooks`: the delivery. */
  delivery_id?: string | null;
}

/** A failed attempt. */
export interface DeadLetterErrorsItem {
  /** Its number. */
  attempt: number;
  /** When it failed. */
  at: string;
  /** Why. */
  error: string;
}

/** Which ones; all of it must hold, and `{}` is every dead letter. */
export interface DeadLetterFilter {
  /** Where it comes from. */
  source?: "jobs" | "webhooks" | "events" | null;
  /** Only of this type. */
  type?: string | null;
  /** Only of this consumer group. */
  group?: string | null;
  /** Only of this topic. */
  topic?: string | null;
  /** Only those that died then or later. */
  since?: string | null;
  /** Only those that died before. */
  until?: string | null;
  /** Only these. */
  ids?: Array<string> | null;
}

/** A page of a list. */
export interface DeadLetterList {
  /** The objects of this page, in the order of the list. */
  data: Array<DeadLetter>;
  /** Where the next page begins; null on the last. */
  next_cursor: string | null;
  /** Whether there is another page. */
  has_more: boolean;
}

/** A dead letter and what it carries. */
export interface DeadLetterWithContent {
  /** Its id. */
  id: string;
  /** Where it comes from. */
  source: "jobs" | "webhooks" | "events";
  /** `redriving` until the service that gave it up has tried again. */
  state: "dead" | "redriving";
  /** Of the job or of the event. */
  type: string;
  /** Why it was given up. */
  reason: string;
  /** How often it was tried. */
  attempts: number;
  /** When it was given up. */
  died_at: string;
  /** Of `jobs`: the job. */
  job_id?: string;
  /** Of `jobs`: its queue. */
  queue?: string;
  /** Of `jobs`: the attempts that failed. */
  errors?: Array<DeadLetterWithContentErrorsItem>;
  /** Of `events` and `webhooks`: how often it died. */
  deaths?: number;
  /** Of `events` and `webhooks`: the event. */
  event_id?: string;
  /** Of `events`: where it stands. */
  topic?: string | null;
  /** Of `events`: where it stands. */
  partition?: number;
  /** Of `events`: where it stands. */
  offset?: number;
  /** Of `events`: the consumer group that gave it up. */
  group?: string | null;
  /** Of `events`: its key. */
  key?: string | null;
  /** Of `events`: what the handler threw. */
  exception_type?: string | null;
  /** Of `webhooks`: the delivery. */
  delivery_id?: string | null;
  /** The event's headers. */
  headers: any;
  /** Bytes that the payload has in all. */
  payload_size: number;
  /** Whether only the first 64 KiB are shown. */
  payload_truncated: boolean;
  /** The payload where it is JSON and whole. */
  payload?: any;
  /** The payload where it is other text. */
  payload_text?: string;
  /** The payload where it is no text. */
  payload_base64?: string;
}

/** A failed attempt. */
export interface DeadLetterWithContentErrorsItem {
  /** Its number. */
  attempt: number;
  /** When it failed. */
  at: string;
  /** Why. */
  error: string;
}

/** A decision. */
export interface Decision {
  /** Why. */
  comment?: string | null;
}

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
export interface DeliveryList {
  /** The objects of this page, in the order of the list. */
  data: Array<Delivery>;
  /** Where the next page begins; null on the last. */
  next_cursor: string | null;
  /** Whether there is another page. */
  has_more: boolean;
}

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

/** Something that happened. It does not change. */
export interface Event {
  /** Its id; also the `webhook-id` of its deliveries. */
  id: string;
  /** What happened, in the past tense. */
  type: string;
  /** What it is about, such as a resource's id. */
  subject: string;
  /** When it happened. */
  time: string;
  /** Its place in the organization's feed: 1, 2, 3, ... Also its `ETag`. */
  position: number;
  /** What the type says. */
  data: any;
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
export interface EventDeliveryList {
  /** The objects of this page, in the order of the list. */
  data: Array<EventDelivery>;
  /** Where the next page begins; null on the last. */
  next_cursor: string | null;
  /** Whether there is another page. */
  has_more: boolean;
}

/** A page of a list. */
export interface EventList {
  /** The objects of this page, in the order of the list. */
  data: Array<Event>;
  /** Where the next page begins; null on the last. */
  next_cursor: string | null;
  /** Whether there is another page. */
  has_more: boolean;
}

/** A link to a file. */
export interface FileLink {
  /** Where it is read, or uploaded to. */
  url: string;
  /** Until when. */
  expires_at: string;
}

/** The event, where it is short enough for a list. */
export interface FoundEvent {
  /** Its id. */
  id: string;
  /** Its type. */
  type: string;
  /** What it is about. */
  subject: string;
  /** What it says. */
  data: any;
  /** When it happened. */
  time: string;
}

/** The resource, where it is short enough for a list. */
export interface FoundResource {
  /** Its id. */
  id: string;
  /** Its type. */
  type: string;
  /** Its data. */
  data: any;
  /** Its labels. */
  labels: Record<string, string>;
  /** Its version. */
  version: number;
  /** When it was made. */
  created_at: string;
  /** When it was changed last. */
  updated_at: string;
}

/** One fault in the input. */
export interface InputError {
  /** JSON Pointer into the body, or the name of a query parameter or header. */
  pointer: string;
  /** Machine-readable. */
  code: string;
  /** For people. */
  detail: string;
}

/** A job. */
export interface Job {
  /** Its id, in order of creation. */
  id: string;
  /** Where it waits. Built in are `critical`, `default`, `notifications`, `bulk`; others by configuration. */
  queue: string;
  /** What is to be done: `http.request`, `resources.import`, `resources.export`, `usage.report` or `noop`. */
  type: string;
  /** What the type needs, up to 256 KiB. `http.request`: `{method?, url, headers?, body?}`; `resources.import`: `{file_id, format, type, mapping?, on_error?}`; `resources.export`: `{format, type?, labels?, fields?}`; `usage.report`: `{from, to, interval?, group_by?, output?}`. */
  payload: any;
  /** How far it is. `scheduled` and `retrying` wait for `run_at`, `available` waits for a worker; `succeeded`, `dead` and `cancelled` are ends. */
  state: "scheduled" | "available" | "running" | "succeeded" | "retrying" | "dead" | "cancelled";
  /** The higher, the earlier within its queue. */
  priority: number;
  /** When it may run, or be tried again. */
  run_at: string;
  /** The attempts made, the running one included. */
  attempt: number;
  /** How often it is tried at most. */
  max_attempts: number;
  /** Seconds that one attempt may take; 30 where it is left out, 3600 for imports, exports and reports. */
  timeout: number;
  /** While a job of the same type and key is alive, there is no second one. */
  unique_key: string | null;
  /** The trigger that started it; null for none. */
  trigger_id: string | null;
  /** The schedule that started it; null for none. */
  schedule_id: string | null;
  /** The workflow that it is a step of; null for none. */
  workflow_id: string | null;
  /** The step of the workflow; null for none. */
  step: string | null;
  /** The API key on whose behalf it runs; null for jobs that came over the stream. */
  submitted_by: string | null;
  /** 0 to 1, as far as the type says how far it is; 1 when it succeeded. */
  progress: number;
  /** What it was doing last; null when the type does not say, and when it succeeded. */
  progress_note: string | null;
  /** What it brought; null before it succeeded. `http.request`: `{status, headers, body, truncated}`. */
  result: any;
  /** Why the last attempt failed; null when none did. */
  error: string | null;
  /** The attempts that failed. */
  errors: Array<JobErrorsItem>;
  /** When it was submitted. */
  created_at: string;
  /** When its last attempt began; null before the first. */
  started_at: string | null;
  /** When it ended; null before. */
  finished_at: string | null;
  /** How long the last attempt took; null before it ended. */
  duration_ms: number | null;
}

/** Jobs that are to be done. */
export interface JobBatch {
  /** The jobs. */
  jobs: Array<NewJob>;
  /** All or nothing. */
  atomic?: boolean | null;
}

/** What became of a job of a batch: the job, or why it was not accepted, with pointers into the batch. */
export interface JobBatchResult {
  /** Its place among the jobs, from 0. */
  index: number;
  /** The status that its single route would have answered. */
  status: number;
  /**  */
  job?: Job;
  /**  */
  error?: Problem;
}

/** What became of a batch. */
export interface JobBatchResults {
  /** One for each job, in their order. */
  results: Array<JobBatchResult>;
  /** How many were accepted. */
  succeeded: number;
  /** How many were not. */
  failed: number;
}

/** Which ones, and how many at most. */
export interface JobCancellation {
  /**  */
  filter: JobFilter;
  /** How many at most. */
  limit?: number | null;
}

/** What was cancelled. */
export interface JobCancellationResult {
  /** How many. */
  cancelled: number;
  /** Whether more that is alive is meant: call again. */
  has_more: boolean;
}

/** What to change, one at least. */
export interface JobChange {
  /** Not before; at once when it is past. */
  run_at?: string | null;
  /** The higher, the earlier within its queue. */
  priority?: number | null;
}

/** A failed attempt. */
export interface JobErrorsItem {
  /** Its number. */
  attempt: number;
  /** When it failed. */
  at: string;
  /** Why. */
  error: string;
}

/** All must hold; `{}` means every job that is alive. */
export interface JobFilter {
  /** Only in this state. */
  state?: "scheduled" | "available" | "running" | "retrying" | null;
  /** Only of this queue. */
  queue?: string | null;
  /** Only of this type. */
  type?: string | null;
  /** Only those created later, by the time in their ids. */
  created_after?: string | null;
  /** Only steps of this workflow. */
  workflow_id?: string | null;
  /** Only those that this schedule started. */
  schedule_id?: string | null;
}

/** A page of a list. */
export interface JobList {
  /** The objects of this page, in the order of the list. */
  data: Array<Job>;
  /** Where the next page begins; null on the last. */
  next_cursor: string | null;
  /** Whether there is another page. */
  has_more: boolean;
}

/** The job that it starts. */
export interface JobTemplate {
  /** The job's type. */
  type: string;
  /** The job's queue. Built in are `critical`, `default`, `notifications`, `bulk`; others by configuration. */
  queue: string;
  /** The job's payload, up to 256 KiB. */
  payload: any;
  /** The higher, the earlier within its queue. */
  priority: number;
  /** Seconds that one attempt may take; 30 where it is left out, 3600 for imports, exports and reports. */
  timeout: number;
  /** How often it is tried at most. */
  max_attempts: number;
}

/** The job that it starts. */
export interface JobTemplatePatch {
  /** The job's type. */
  type?: string | null;
  /** The job's payload, up to 256 KiB. */
  payload?: any;
  /** The job's queue. Built in are `critical`, `default`, `notifications`, `bulk`; others by configuration. */
  queue?: string | null;
  /** The higher, the earlier within its queue. */
  priority?: number | null;
  /** Seconds that one attempt may take; 30 where it is left out, 3600 for imports, exports and reports. */
  timeout?: number | null;
  /** How often it is tried at most. */
  max_attempts?: number | null;
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
export interface ListedResourceList {
  /** The objects of this page, in the order of the list. */
  data: Array<ListedResource>;
  /** Where the next page begins; null on the last. */
  next_cursor: string | null;
  /** Whether there is another page. */
  has_more: boolean;
}

/** The process lives. */
export interface Liveness {
  /** Always this. */
  status: "live";
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

/** How long, and how it is shown. */
export interface NewFileLink {
  /** Seconds. */
  expires_in?: number | null;
  /** Whether a browser saves it or shows it. */
  disposition?: "attachment" | "inline" | null;
}

/** A job that is to be done. */
export interface NewJob {
  /** What is to be done: `http.request`, `resources.import`, `resources.export`, `usage.report` or `noop`. */
  type: string;
  /** What the type needs, up to 256 KiB. `http.request`: `{method?, url, headers?, body?}`; `resources.import`: `{file_id, format, type, mapping?, on_error?}`; `resources.export`: `{format, type?, labels?, fields?}`; `usage.report`: `{from, to, interval?, group_by?, output?}`. */
  payload: any;
  /** Where it waits. Built in are `critical`, `default`, `notifications`, `bulk`; others by configuration. */
  queue?: string | null;
  /** Not before; at once when it is left out or past. */
  run_at?: string | null;
  /** The higher, the earlier within its queue. */
  priority?: number | null;
  /** How often it is tried at most. */
  max_attempts?: number | null;
  /** Seconds that one attempt may take; 30 where it is left out, 3600 for imports, exports and reports. */
  timeout?: number | null;
  /** While a job of the same type and key is alive, there is no second one. */
  unique_key?: string | null;
}

/** The job that it starts. */
export interface NewJobTemplate {
  /** The job's type. */
  type: string;
  /** The job's payload, up to 256 KiB. */
  payload: any;
  /** The job's queue. Built in are `critical`, `default`, `notifications`, `bulk`; others by configuration. */
  queue?: string | null;
  /** The higher, the earlier within its queue. */
  priority?: number | null;
  /** Seconds that one attempt may take; 30 where it is left out, 3600 for imports, exports and reports. */
  timeout?: number | null;
  /** How often it is tried at most. */
  max_attempts?: number | null;
}

/** Starts per period. */
export interface NewQueueRate {
  /** Starts. */
  limit: number;
  /** Seconds. */
  period: number;
}

/** A resource as a caller writes it. */
export interface NewResource {
  /** What kind of thing it is. It cannot change. */
  type: string;
  /** Any JSON object. */
  data: any;
  /** Names and values to find it by: up to 64, a name of 1 to 63 characters. */
  labels?: Record<string, string> | null;
}

/** A schedule that is to be made. */
export interface NewSchedule {
  /** For people. */
  name: string;
  /** When: minute, hour, day of the month, month, weekday. `*`, ranges, steps, lists and names; `L`, `L-3`, `5L`, `5#2`; `@hourly` and its kind. */
  cron: string;
  /** The zone of the IANA database that it is read in. */
  time_zone?: string | null;
  /**  */
  job: NewJobTemplate;
  /** What is made up after nobody was there: `skip` nothing, the `latest` run, or `all`, a hundred at most. */
  missed?: "skip" | "latest" | "all" | null;
  /** Whether a run starts while the job before has not ended. */
  overlap?: "allow" | "skip" | null;
  /** It starts nothing, and makes nothing up once it is resumed. */
  paused?: boolean | null;
  /** No run before. */
  starts_at?: string | null;
  /** No run after. */
  ends_at?: string | null;
}

/** A step. */
export interface NewStep {
  /** Unique within the workflow. */
  name: string;
  /** What it is: a job, a wait for somebody's approval, or a wait for a time. */
  kind?: "job" | "approval" | "timer" | null;
  /** The steps that must have ended before it starts. */
  needs?: Array<string> | null;
  /**  */
  job?: StepJob | null;
  /** The step is skipped where this does not hold, and with it all that need it: `{ref, op, value}` with `op` one of eq, ne, gt, ge, lt, le, exists, or `{and: []}`, `{or: []}`, `{not: {}}`. */
  when?: any;
  /** A reference to a list of up to 1000: one job for each element; the result is the list of theirs. */
  for_each?: string | null;
  /** Either `seconds` after its needs have ended, or `until` a time. */
  timer?: NewStepTimer | null;
  /** How long it waits. */
  approval?: NewStepApproval | null;
  /** What undoes the step. */
  compensate?: NewStepCompensate | null;
  /** Whether the others go on when it has failed. */
  continue_on_failure?: boolean | null;
}

/** How long it waits. */
export interface NewStepApproval {
  /** Seconds; without it, for ever. */
  expires_in?: number | null;
  /** What it counts as then. */
  on_expiry?: "reject" | "approve" | null;
}

/** What undoes the step. */
export interface NewStepCompensate {
  /**  */
  job: StepJob;
}

/** Either `seconds` after its needs have ended, or `until` a time. */
export interface NewStepTimer {
  /** How long. */
  seconds?: number | null;
  /** Until when. */
  until?: string | null;
}

/** A trigger that is to be made. */
export interface NewTrigger {
  /** The events that it listens to: one of `resource.created`, `resource.updated`, `resource.deleted`, `resource.restored`, `file.created`, `file.deleted`, `job.created`, `job.succeeded`, `job.retrying`, `job.dead`, `job.cancelled`, `workflow.started`, `workflow.resumed`, `workflow.approval_requested`, `workflow.succeeded`, `workflow.failed`, `workflow.compensated`, `workflow.cancelled`; a name and `.*` for all below it; `*` for all. */
  event_type: string;
  /** The event's labels must include all of these; none for every event of the type. */
  labels?: Record<string, string> | null;
  /**  */
  job: NewJobTemplate;
  /** It starts nothing; events that come meanwhile are not made up for. */
  paused?: boolean | null;
}

/** What may be uploaded, and for how long. */
export interface NewUploadLink {
  /** What the file is called: no path. */
  name?: string | null;
  /** What the upload's `Content-Type` must be. */
  content_type?: string | null;
  /** The file's labels. */
  labels?: Record<string, string> | null;
  /** Bytes that it may have; the organization's limit by default. */
  max_bytes?: number | null;
  /** What it must be: its SHA-256 in hexadecimal. */
  sha256?: string | null;
  /** Seconds. */
  expires_in?: number | null;
}

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

/** A workflow that is to be done. */
export interface NewWorkflow {
  /** In any order. */
  steps: Array<NewStep>;
  /** For people. */
  name?: string | null;
  /** What templates find as `input`. */
  input?: any;
  /** What follows when a step has failed for good: stop there, or undo the completed steps, the last one first. */
  on_failure?: "stop" | "compensate" | null;
  /** While a workflow of the same key is alive, there is no second one. */
  unique_key?: string | null;
}

/** Requests will fail. */
export interface NotReady {
  /** Always this. */
  status: "not_ready";
  /** The reason for each check that fails, by its name. */
  failures: Record<string, string>;
}

/** An organization. */
export interface Organization {
  /** Its id. */
  id: string;
  /** Its short name. */
  slug: string;
  /** For people. */
  name: string;
  /** When it was made. */
  created_at: string;
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

/** A failure, as RFC 9457 has it. Match on `code`; the texts are for people and may change. */
export interface Problem {
  /** `urn:platform:problem:` and the code. */
  type: string;
  /** The same for every occurrence. */
  title: string;
  /** The HTTP status. */
  status: number;
  /** About this occurrence. */
  detail: string;
  /** Stable and machine-readable. */
  code: string;
  /** As in `X-Request-Id`. */
  request_id: string;
  /** All faults of the input at once; there for `validation_failed` and `batch_failed`. */
  errors?: Array<InputError>;
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
export interface QueueList {
  /** The objects of this page, in the order of the list. */
  data: Array<Queue>;
  /** Where the next page begins; null on the last. */
  next_cursor: string | null;
  /** Whether there is another page. */
  has_more: boolean;
}

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

/** Requests will succeed. */
export interface Readiness {
  /** How it does. */
  status: "ready" | "degraded";
  /** Why it is degraded. */
  reasons?: Array<string>;
}

/** Which ones, and how many at most. */
export interface Redrive {
  /**  */
  filter: DeadLetterFilter;
  /** How many at most. */
  limit?: number | null;
}

/** What was taken. */
export interface RedriveResult {
  /** How many are tried again. */
  redriven: number;
  /** How many could not be, such as a job whose `unique_key` another one has. */
  skipped: number;
  /** Whether the filter holds more. */
  has_more: boolean;
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
export interface ResourceTypeList {
  /** The objects of this page, in the order of the list. */
  data: Array<ResourceType>;
  /** Where the next page begins; null on the last. */
  next_cursor: string | null;
  /** Whether there is another page. */
  has_more: boolean;
}

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
export interface ResourceVersionList {
  /** The objects of this page, in the order of the list. */
  data: Array<ResourceVersion>;
  /** Where the next page begins; null on the last. */
  next_cursor: string | null;
  /** Whether there is another page. */
  has_more: boolean;
}

/** Starts a job at times of the calendar. */
export interface Schedule {
  /** Its id. */
  id: string;
  /** For people. */
  name: string;
  /** When: minute, hour, day of the month, month, weekday. `*`, ranges, steps, lists and names; `L`, `L-3`, `5L`, `5#2`; `@hourly` and its kind. */
  cron: string;
  /** The zone of the IANA database that it is read in. */
  time_zone: string;
  /**  */
  job: JobTemplate;
  /** What is made up after nobody was there: `skip` nothing, the `latest` run, or `all`, a hundred at most. */
  missed: "skip" | "latest" | "all";
  /** Whether a run starts while the job before has not ended. */
  overlap: "allow" | "skip";
  /** It starts nothing, and makes nothing up once it is resumed. */
  paused: boolean;
  /** No run before. */
  starts_at: string | null;
  /** No run after. */
  ends_at: string | null;
  /** When the next run is due; null for none. */
  next_run_at: string | null;
  /** When the last run that started a job was planned; null before the first. */
  last_run_at: string | null;
  /** When the last run that was left out was planned; null for none. */
  last_skipped_at: string | null;
  /** The last job that it started; null before the first. */
  last_job_id: string | null;
  /** Counts what was set; also the entity tag. */
  version: number;
  /** When it was made. */
  created_at: string;
  /** When it was last set. */
  updated_at: string;
}

/** A page of a list. */
export interface ScheduleList {
  /** The objects of this page, in the order of the list. */
  data: Array<Schedule>;
  /** Where the next page begins; null on the last. */
  next_cursor: string | null;
  /** Whether there is another page. */
  has_more: boolean;
}

/** What is to be changed of a schedule. */
export interface SchedulePatch {
  /** For people. */
  name?: string | null;
  /** When: minute, hour, day of the month, month, weekday. `*`, ranges, steps, lists and names; `L`, `L-3`, `5L`, `5#2`; `@hourly` and its kind. */
  cron?: string | null;
  /** The zone of the IANA database that it is read in. */
  time_zone?: string | null;
  /**  */
  job?: JobTemplatePatch | null;
  /** What is made up after nobody was there: `skip` nothing, the `latest` run, or `all`, a hundred at most. */
  missed?: "skip" | "latest" | "all" | null;
  /** Whether a run starts while the job before has not ended. */
  overlap?: "allow" | "skip" | null;
  /** It starts nothing, and makes nothing up once it is resumed. */
  paused?: boolean | null;
  /** No run before. */
  starts_at?: string | null;
  /** No run after. */
  ends_at?: string | null;
}

/** The coming runs. */
export interface ScheduleTimes {
  /** The zone of the IANA database that it is read in. */
  time_zone: string;
  /** In order. */
  data: Array<ScheduleTimesDataItem>;
}

/** A run. */
export interface ScheduleTimesDataItem {
  /** When. */
  at: string;
  /** The same in the schedule's zone. */
  local: string;
}

/** Something that was found. */
export interface SearchHit {
  /** What it is. */
  kind: "resource" | "event";
  /** Of the resource or the event. */
  id: string;
  /** Its type. */
  type: string;
  /** How well it fits; to be compared within one answer. */
  score: number;
  /** Its labels. */
  labels: Record<string, string>;
  /** With `highlight=true`: the text around what was found, with `<mark>`; everything else is escaped. */
  snippet?: string | null;
  /** When it was changed last, or happened. */
  updated_at: string;
  /**  */
  resource?: FoundResource;
  /**  */
  event?: FoundEvent;
}

/** A page of hits. */
export interface SearchResult {
  /** The objects of this page, in the order of the list. */
  data: Array<SearchHit>;
  /** Where the next page begins; null on the last. */
  next_cursor: string | null;
  /** Whether there is another page. */
  has_more: boolean;
  /** There where words that look alike were tried. */
  fuzzy?: boolean;
  /** How long it took here. */
  took_ms: number;
}

/** A job of a workflow. Texts in the payload may hold references: `{{input.a}}`, `{{steps.name.result.b}}`, and in a step with `for_each` also `{{item}}` and `{{index}}`. */
export interface StepJob {
  /** What is to be done. */
  type: string;
  /** What the type needs. */
  payload: any;
  /** Where it waits. Built in are `critical`, `default`, `notifications`, `bulk`; others by configuration. */
  queue?: string | null;
  /** The higher, the earlier within its queue. */
  priority?: number | null;
  /** How often it is tried at most; without it, what is usual with its type. */
  max_attempts?: number | null;
  /** Seconds that one attempt may take; without it, what is usual with its type. */
  timeout?: number | null;
}

/** A file without its content. It does not change. */
export interface StoredFile {
  /** Its id, in order of creation. */
  id: string;
  /** What it is called. */
  name: string;
  /** As the upload said. */
  content_type: string;
  /** Bytes. */
  size: number;
  /** Of the content, in hexadecimal. Also its `ETag`. */
  sha256: string;
  /** Names and values to find it by. */
  labels: Record<string, string>;
  /** When it was stored. */
  created_at: string;
}

/** A page of a list. */
export interface StoredFileList {
  /** The objects of this page, in the order of the list. */
  data: Array<StoredFile>;
  /** Where the next page begins; null on the last. */
  next_cursor: string | null;
  /** Whether there is another page. */
  has_more: boolean;
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

/** A completion. */
export interface Suggestion {
  /** What it is. */
  kind: "word" | "type" | "label";
  /** The whole of it. */
  text: string;
}

/** What `q` can become. */
export interface Suggestions {
  /** In alphabetical order. */
  data: Array<Suggestion>;
}

/** Starts a job for each event that matches. */
export interface Trigger {
  /** Its id. */
  id: string;
  /** The events that it listens to: one of `resource.created`, `resource.updated`, `resource.deleted`, `resource.restored`, `file.created`, `file.deleted`, `job.created`, `job.succeeded`, `job.retrying`, `job.dead`, `job.cancelled`, `workflow.started`, `workflow.resumed`, `workflow.approval_requested`, `workflow.succeeded`, `workflow.failed`, `workflow.compensated`, `workflow.cancelled`; a name and `.*` for all below it; `*` for all. */
  event_type: string;
  /** The event's labels must include all of these; none for every event of the type. */
  labels: Record<string, string>;
  /**  */
  job: JobTemplate;
  /** It starts nothing; events that come meanwhile are not made up for. */
  paused: boolean;
  /** Counts what was set; also the entity tag. */
  version: number;
  /** When it was made. */
  created_at: string;
  /** When it was last set. */
  updated_at: string;
}

/** A page of a list. */
export interface TriggerList {
  /** The objects of this page, in the order of the list. */
  data: Array<Trigger>;
  /** Where the next page begins; null on the last. */
  next_cursor: string | null;
  /** Whether there is another page. */
  has_more: boolean;
}

/** What is to be changed of a trigger. */
export interface TriggerPatch {
  /** The events that it listens to: one of `resource.created`, `resource.updated`, `resource.deleted`, `resource.restored`, `file.created`, `file.deleted`, `job.created`, `job.succeeded`, `job.retrying`, `job.dead`, `job.cancelled`, `workflow.started`, `workflow.resumed`, `workflow.approval_requested`, `workflow.succeeded`, `workflow.failed`, `workflow.compensated`, `workflow.cancelled`; a name and `.*` for all below it; `*` for all. */
  event_type?: string | null;
  /** The event's labels must include all of these; none for every event of the type. */
  labels?: Record<string, string> | null;
  /**  */
  job?: JobTemplatePatch | null;
  /** It starts nothing; events that come meanwhile are not made up for. */
  paused?: boolean | null;
}

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
export interface WebhookEndpointList {
  /** The objects of this page, in the order of the list. */
  data: Array<WebhookEndpoint>;
  /** Where the next page begins; null on the last. */
  next_cursor: string | null;
  /** Whether there is another page. */
  has_more: boolean;
}

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

/** A workflow as a graph. */
export interface Workflow {
  /** Its id, in order of creation. */
  id: string;
  /** For people. */
  name: string | null;
  /** `failing` lets what runs end; `compensating` undoes what was done. `succeeded`, `compensated` and `cancelled` are ends; `failed` and `compensation_failed` can be retried. */
  state: "running" | "failing" | "compensating" | "succeeded" | "failed" | "compensated" | "compensation_failed" | "cancelled";
  /** What follows when a step has failed for good: stop there, or undo the completed steps, the last one first. */
  on_failure: "stop" | "compensate";
  /** While a workflow of the same key is alive, there is no second one. */
  unique_key: string | null;
  /** The step that made it fail; null for none. */
  failed_step: string | null;
  /** Why it failed; null where it did not. */
  error: string | null;
  /** The API key on whose behalf its jobs run. */
  submitted_by: string | null;
  /** When it was submitted. */
  created_at: string;
  /** When it came to rest; null while it goes on by itself. */
  finished_at: string | null;
  /** What templates find as `input`. */
  input: any;
  /** In the order in which they were given. */
  steps: Array<WorkflowStep>;
  /** What needs what. */
  edges: Array<WorkflowEdgesItem>;
}

/** A step and one that needs it. */
export interface WorkflowEdgesItem {
  /** Unique within the workflow. */
  from: string;
  /** Unique within the workflow. */
  to: string;
}

/** A step and how far it is. */
export interface WorkflowStep {
  /** Unique within the workflow. */
  name: string;
  /** What it is: a job, a wait for somebody's approval, or a wait for a time. */
  kind: "job" | "approval" | "timer";
  /** How far it is. `running`: its jobs have not ended; `waiting`: for the time or an approval. */
  state: "pending" | "running" | "waiting" | "succeeded" | "skipped" | "failed" | "cancelled";
  /** The steps that must have ended before it starts. */
  needs: Array<string>;
  /** As it was asked for, templates included; null for none. */
  job: any;
  /** The step is skipped where this does not hold, and with it all that need it: `{ref, op, value}` with `op` one of eq, ne, gt, ge, lt, le, exists, or `{and: []}`, `{or: []}`, `{not: {}}`. */
  when: any;
  /** A reference to a list of up to 1000: one job for each element; the result is the list of theirs. */
  for_each: string | null;
  /** Either `seconds` after its needs have ended, or `until` a time. */
  timer: WorkflowStepTimer | null;
  /** How long it waits. */
  approval: WorkflowStepApproval | null;
  /** As it was asked for; null for none. */
  compensate: any;
  /** Whether the others go on when it has failed. */
  continue_on_failure: boolean;
  /** Its job; null for none. */
  job_id: string | null;
  /** The jobs of a step with `for_each`; null before they start. */
  elements: Array<WorkflowStepElementsItem> | null;
  /** What its job brought, or the list of what its jobs brought, or `{decision, comment, by, at}` of an approval; null for none. */
  result: any;
  /** Why it failed; null where it did not. */
  error: string | null;
  /** When the timer rings or the approval expires; null for none. */
  due_at: string | null;
  /** When it began; null before. */
  started_at: string | null;
  /** When it ended; null before. */
  finished_at: string | null;
  /** How far its undoing is; null where there is none. */
  compensation: WorkflowStepCompensation | null;
}

/** How long it waits. */
export interface WorkflowStepApproval {
  /** Seconds; without it, for ever. */
  expires_in?: number | null;
  /** What it counts as then. */
  on_expiry?: "reject" | "approve" | null;
}

/** How far its undoing is; null where there is none. */
export interface WorkflowStepCompensation {
  /** How far it is. */
  state: "running" | "succeeded" | "failed";
  /** Its job; null for none. */
  job_id: string | null;
  /** Why it failed. */
  error: string | null;
}

/** The job of one element. */
export interface WorkflowStepElementsItem {
  /** Its job; null for none. */
  job_id: string | null;
  /** How far it is. */
  state: "running" | "succeeded" | "failed" | "cancelled";
  /** Why it failed. */
  error: string | null;
}

/** Either `seconds` after its needs have ended, or `until` a time. */
export interface WorkflowStepTimer {
  /** How long. */
  seconds?: number | null;
  /** Until when. */
  until?: string | null;
}

/** A workflow without its steps. */
export interface WorkflowSummary {
  /** Its id, in order of creation. */
  id: string;
  /** For people. */
  name: string | null;
  /** `failing` lets what runs end; `compensating` undoes what was done. `succeeded`, `compensated` and `cancelled` are ends; `failed` and `compensation_failed` can be retried. */
  state: "running" | "failing" | "compensating" | "succeeded" | "failed" | "compensated" | "compensation_failed" | "cancelled";
  /** What follows when a step has failed for good: stop there, or undo the completed steps, the last one first. */
  on_failure: "stop" | "compensate";
  /** While a workflow of the same key is alive, there is no second one. */
  unique_key: string | null;
  /** The step that made it fail; null for none. */
  failed_step: string | null;
  /** Why it failed; null where it did not. */
  error: string | null;
  /** The API key on whose behalf its jobs run. */
  submitted_by: string | null;
  /** When it was submitted. */
  created_at: string;
  /** When it came to rest; null while it goes on by itself. */
  finished_at: string | null;
}

/** A page of a list. */
export interface WorkflowSummaryList {
  /** The objects of this page, in the order of the list. */
  data: Array<WorkflowSummary>;
  /** Where the next page begins; null on the last. */
  next_cursor: string | null;
  /** Whether there is another page. */
  has_more: boolean;
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

export interface ListApiKeysQuery {
  /** Only these fields of each object. */
  fields?: Array<"id" | "name" | "role" | "scopes" | "rate_limit" | "hint" | "created_by" | "created_at" | "expires_at" | "revoked_at" | "version">;
  /** How many objects a page has at most. */
  limit?: number;
  /** `next_cursor` of the page before. It is good for this list and its order alone. */
  cursor?: string;
}

export interface GetApiKeyQuery {
  /** Only these fields of each object. */
  fields?: Array<"id" | "name" | "role" | "scopes" | "rate_limit" | "hint" | "created_by" | "created_at" | "expires_at" | "revoked_at" | "version">;
}

export interface ListDeadLettersQuery {
  /** Only of this source. */
  source?: "jobs" | "webhooks" | "events";
  /** Only of this type of job or event. */
  type?: string;
  /** Only of this consumer group. */
  group?: string;
  /** Only of this topic. */
  topic?: string;
  /** Only those that died then or later. */
  since?: string;
  /** Only those that died before. */
  until?: string;
  /** How many objects a page has at most. */
  limit?: number;
  /** `next_cursor` of the page before. It is good for this list and its order alone. */
  cursor?: string;
}

export interface ListEventsQuery {
  /** Only of these types; may be repeated. */
  type?: Array<string>;
  /** Only about these; may be repeated. */
  subject?: Array<string>;
  /** Only with all of these labels; may be repeated. */
  label?: Array<string>;
  /** Only behind this position. */
  after?: number;
  /** Only these fields of each object. */
  fields?: Array<"id" | "type" | "subject" | "time" | "position" | "data">;
  /** How many objects a page has at most. */
  limit?: number;
  /** `next_cursor` of the page before. It is good for this list and its order alone. */
  cursor?: string;
}

export interface StreamEventsQuery {
  /** Only of these types; may be repeated. */
  type?: Array<string>;
  /** Only about these; may be repeated. */
  subject?: Array<string>;
  /** Only with all of these labels; may be repeated. */
  label?: Array<string>;
  /** Only behind this position. */
  after?: number;
}

export interface GetEventQuery {
  /** Only these fields of each object. */
  fields?: Array<"id" | "type" | "subject" | "time" | "position" | "data">;
}

export interface ListFilesQuery {
  /** Only with these labels; may be repeated. */
  label?: Array<string>;
  /** The order. */
  sort?: "created_at" | "-created_at";
  /** How many objects a page has at most. */
  limit?: number;
  /** `next_cursor` of the page before. It is good for this list and its order alone. */
  cursor?: string;
}

export interface UploadFileQuery {
  /** What it is called: no path. Else the file name in `Content-Disposition`, else `file`. */
  name?: string;
  /** A label; may be repeated. */
  label?: Array<string>;
}

export interface UploadFileByLinkQuery {
  /** As the link has it. */
  token: string;
}

export interface DownloadSharedFileQuery {
  /** As the link has it. */
  token: string;
}

export interface ListJobsQuery {
  /** Only in this state. */
  state?: "scheduled" | "available" | "running" | "succeeded" | "retrying" | "dead" | "cancelled";
  /** Only of this queue. */
  queue?: string;
  /** Only of this type. */
  type?: string;
  /** Only those created later, by the time in their ids. */
  created_after?: string;
  /** Only steps of this workflow. */
  workflow_id?: string;
  /** Only those that this schedule started. */
  schedule_id?: string;
  /** Only these fields of each object. */
  fields?: Array<"id" | "queue" | "type" | "payload" | "state" | "priority" | "run_at" | "attempt" | "max_attempts" | "timeout" | "unique_key" | "trigger_id" | "schedule_id" | "workflow_id" | "step" | "submitted_by" | "progress" | "progress_note" | "result" | "error" | "errors" | "created_at" | "started_at" | "finished_at" | "duration_ms">;
  /** How many objects a page has at most. */
  limit?: number;
  /** `next_cursor` of the page before. It is good for this list and its order alone. */
  cursor?: string;
}

export interface GetJobQuery {
  /** Only these fields of each object. */
  fields?: Array<"id" | "queue" | "type" | "payload" | "state" | "priority" | "run_at" | "attempt" | "max_attempts" | "timeout" | "unique_key" | "trigger_id" | "schedule_id" | "workflow_id" | "step" | "submitted_by" | "progress" | "progress_note" | "result" | "error" | "errors" | "created_at" | "started_at" | "finished_at" | "duration_ms">;
}

export interface ListResourceTypesQuery {
  /** How many objects a page has at most. */
  limit?: number;
  /** `next_cursor` of the page before. It is good for this list and its order alone. */
  cursor?: string;
}

export interface ListResourcesQuery {
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
  /** How many objects a page has at most. */
  limit?: number;
  /** `next_cursor` of the page before. It is good for this list and its order alone. */
  cursor?: string;
}

export interface GetResourceQuery {
  /** Only these fields of each object. */
  fields?: Array<"id" | "type" | "data" | "labels" | "version" | "created_at" | "updated_at">;
}

export interface ListResourceHistoryQuery {
  /** How many objects a page has at most. */
  limit?: number;
  /** `next_cursor` of the page before. It is good for this list and its order alone. */
  cursor?: string;
}

export interface ListSchedulesQuery {
  /** How many objects a page has at most. */
  limit?: number;
  /** `next_cursor` of the page before. It is good for this list and its order alone. */
  cursor?: string;
}

export interface ListScheduleTimesQuery {
  /** How many. */
  count?: number;
}

export interface SearchQuery {
  /** What to look for; everything when left out. */
  q?: string;
  /** What to look through. */
  kind?: "resource" | "event" | "all";
  /** Only of this type. */
  type?: string;
  /** Only with these labels; may be repeated. */
  label?: Array<string>;
  /** Whether hits have a snippet. */
  highlight?: "true" | "false";
  /** Only these fields of each object. */
  fields?: Array<"kind" | "id" | "type" | "score" | "labels" | "snippet" | "updated_at" | "resource" | "event">;
  /** How many objects a page has at most. */
  limit?: number;
  /** `next_cursor` of the page before. It is good for this list and its order alone. */
  cursor?: string;
}

export interface SuggestSearchQuery {
  /** How it begins. */
  q: string;
  /** How many at most. */
  limit?: number;
}

export interface GetStreamsQuery {
  /** Only this service. */
  service?: string;
  /** Only this consumer group. */
  group?: string;
  /** Whether peers are left out. */
  local?: "true" | "false";
}

export interface ListTriggersQuery {
  /** How many objects a page has at most. */
  limit?: number;
  /** `next_cursor` of the page before. It is good for this list and its order alone. */
  cursor?: string;
}

export interface ListWebhookEndpointsQuery {
  /** Only these fields of each object. */
  fields?: Array<"id" | "url" | "event_types" | "labels" | "description" | "rate_limit" | "headers" | "disabled" | "disabled_at" | "disabled_reason" | "version" | "created_at" | "updated_at">;
  /** How many objects a page has at most. */
  limit?: number;
  /** `next_cursor` of the page before. It is good for this list and its order alone. */
  cursor?: string;
}

export interface GetWebhookEndpointQuery {
  /** Only these fields of each object. */
  fields?: Array<"id" | "url" | "event_types" | "labels" | "description" | "rate_limit" | "headers" | "disabled" | "disabled_at" | "disabled_reason" | "version" | "created_at" | "updated_at">;
}

export interface ListDeliveriesQuery {
  /** Only in this state. */
  state?: "pending" | "succeeded" | "failed" | "disabled";
  /** Only these fields of each object. */
  fields?: Array<"id" | "endpoint_id" | "event_id" | "event_type" | "state" | "reason" | "attempt_count" | "created_at" | "last_attempt_at" | "next_attempt_at" | "finished_at">;
  /** How many objects a page has at most. */
  limit?: number;
  /** `next_cursor` of the page before. It is good for this list and its order alone. */
  cursor?: string;
}

export interface ListWorkflowsQuery {
  /** Only in this state. */
  state?: "running" | "failing" | "compensating" | "succeeded" | "failed" | "compensated" | "compensation_failed" | "cancelled";
  /** How many objects a page has at most. */
  limit?: number;
  /** `next_cursor` of the page before. It is good for this list and its order alone. */
  cursor?: string;
}

/** The API, an operation a method. Writes carry an Idempotency-Key of their own where none is given, and are safe to repeat; failures are a PlatformError. */
export declare class PlatformClient extends Transport {
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

  /** Count usage (scope analytics.read): GET /v1/analytics/usage */
  getUsage(query?: GetUsageQuery, options?: CallOptions): Promise<Usage>;

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

  /** List dead letters (scope jobs.read): GET /v1/dead-letters */
  listDeadLetters(query?: ListDeadLettersQuery, options?: CallOptions): Promise<DeadLetterList>;
  /** All of listDeadLetters, page by page as they are asked for. */
  listDeadLettersAll(query?: ListDeadLettersQuery, options?: CallOptions): AsyncGenerator<DeadLetter, void, undefined>;

  /** Get a dead letter (scope jobs.read): GET /v1/dead-letters/{id} */
  getDeadLetter(id: string, options?: CallOptions): Promise<DeadLetterWithContent>;

  /** Redrive a dead letter (scope jobs.write): POST /v1/dead-letters/{id}:redrive */
  redriveDeadLetter(id: string, options?: CallOptions): Promise<any>;

  /** Redrive many dead letters (scope jobs.write): POST /v1/dead-letters:redrive */
  redriveDeadLetters(body: Redrive, options?: CallOptions): Promise<RedriveResult>;

  /** Get a delivery (scope webhooks.read): GET /v1/deliveries/{id} */
  getDelivery(id: string, options?: CallOptions): Promise<DeliveryWithAttempts>;

  /** Deliver again (scope webhooks.write): POST /v1/deliveries/{id}:redeliver */
  redeliver(id: string, options?: CallOptions): Promise<Delivery>;

  /** List events (scope events.read): GET /v1/events */
  listEvents(query?: ListEventsQuery, options?: CallOptions): Promise<EventList>;
  /** All of listEvents, page by page as they are asked for. */
  listEventsAll(query?: ListEventsQuery, options?: CallOptions): AsyncGenerator<Event, void, undefined>;

  /** Follow events (scope events.read): GET /v1/events/stream */
  streamEvents(query?: StreamEventsQuery, options?: StreamOptions): AsyncGenerator<StreamEvent, void, undefined>;

  /** Get an event (scope events.read): GET /v1/events/{id} */
  getEvent(id: string, query?: GetEventQuery, options?: CallOptions): Promise<Event>;

  /** List an event's deliveries (scope webhooks.read): GET /v1/events/{id}/deliveries */
  listEventDeliveries(id: string, options?: CallOptions): Promise<EventDeliveryList>;

  /** List files (scope files.read): GET /v1/files */
  listFiles(query?: ListFilesQuery, options?: CallOptions): Promise<StoredFileList>;
  /** All of listFiles, page by page as they are asked for. */
  listFilesAll(query?: ListFilesQuery, options?: CallOptions): AsyncGenerator<StoredFile, void, undefined>;

  /** Upload a file (scope files.write): POST /v1/files */
  uploadFile(body: BodyInit, query?: UploadFileQuery, options?: CallOptions): Promise<StoredFile>;

  /** Upload a file by a link: PUT /v1/files/upload */
  uploadFileByLink(body: BodyInit, query: UploadFileByLinkQuery, options?: CallOptions): Promise<StoredFile>;

  /** Download a file (scope files.read): GET /v1/files/{id} */
  downloadFile(id: string, options?: CallOptions): Promise<Blob>;

  /** Delete a file (scope files.write): DELETE /v1/files/{id} */
  deleteFile(id: string, options?: CallOptions): Promise<void>;

  /** Get a file's document (scope files.read): GET /v1/files/{id}/metadata */
  getFileMetadata(id: string, options?: CallOptions): Promise<StoredFile>;

  /** Download a file by its link: GET /v1/files/{id}/shared */
  downloadSharedFile(id: string, query: DownloadSharedFileQuery, options?: CallOptions): Promise<Blob>;

  /** Make a link to a file (scope files.read): POST /v1/files/{id}:presign */
  presignFile(id: string, body?: NewFileLink, options?: CallOptions): Promise<FileLink>;

  /** Make a link for an upload (scope files.write): POST /v1/files:presign */
  presignUpload(body: NewUploadLink, options?: CallOptions): Promise<FileLink>;

  /** List jobs (scope jobs.read): GET /v1/jobs */
  listJobs(query?: ListJobsQuery, options?: CallOptions): Promise<JobList>;
  /** All of listJobs, page by page as they are asked for. */
  listJobsAll(query?: ListJobsQuery, options?: CallOptions): AsyncGenerator<Job, void, undefined>;

  /** Submit a job (scope jobs.write): POST /v1/jobs */
  submitJob(body: NewJob, options?: CallOptions): Promise<Job>;

  /** Get a job (scope jobs.read): GET /v1/jobs/{id} */
  getJob(id: string, query?: GetJobQuery, options?: CallOptions): Promise<Job>;

  /** Move a waiting job (scope jobs.write): PATCH /v1/jobs/{id} */
  changeJob(id: string, body: JobChange, options?: CallOptions): Promise<Job>;

  /** Cancel a job (scope jobs.write): POST /v1/jobs/{id}:cancel */
  cancelJob(id: string, options?: CallOptions): Promise<Job>;

  /** Run a job again (scope jobs.write): POST /v1/jobs/{id}:retry */
  retryJob(id: string, options?: CallOptions): Promise<Job>;

  /** Submit many jobs (scope jobs.write): POST /v1/jobs:batch */
  submitJobs(body: JobBatch, options?: CallOptions): Promise<JobBatchResults>;

  /** Cancel many jobs (scope jobs.write): POST /v1/jobs:cancel */
  cancelJobs(body: JobCancellation, options?: CallOptions): Promise<JobCancellationResult>;

  /** Get the caller's organization (scope organization.read): GET /v1/organization */
  getOrganization(options?: CallOptions): Promise<Organization>;

  /** List queues (scope jobs.read): GET /v1/queues */
  listQueues(options?: CallOptions): Promise<QueueList>;

  /** Limit a queue (scope jobs.write): PATCH /v1/queues/{queue} */
  limitQueue(queue: string, body: QueuePatch, options?: CallOptions): Promise<Queue>;

  /** Pause a queue (scope jobs.write): POST /v1/queues/{queue}:pause */
  pauseQueue(queue: string, options?: CallOptions): Promise<Queue>;

  /** Resume a queue (scope jobs.write): POST /v1/queues/{queue}:resume */
  resumeQueue(queue: string, options?: CallOptions): Promise<Queue>;

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

  /** List schedules (scope jobs.read): GET /v1/schedules */
  listSchedules(query?: ListSchedulesQuery, options?: CallOptions): Promise<ScheduleList>;
  /** All of listSchedules, page by page as they are asked for. */
  listSchedulesAll(query?: ListSchedulesQuery, options?: CallOptions): AsyncGenerator<Schedule, void, undefined>;

  /** Make a schedule (scope jobs.write): POST /v1/schedules */
  createSchedule(body: NewSchedule, options?: CallOptions): Promise<Schedule>;

  /** Get a schedule (scope jobs.read): GET /v1/schedules/{id} */
  getSchedule(id: string, options?: CallOptions): Promise<Schedule>;

  /** Change a schedule (scope jobs.write): PATCH /v1/schedules/{id} */
  patchSchedule(id: string, body: SchedulePatch, options?: CallOptions): Promise<Schedule>;

  /** Delete a schedule (scope jobs.write): DELETE /v1/schedules/{id} */
  deleteSchedule(id: string, options?: CallOptions): Promise<void>;

  /** List the coming runs of a schedule (scope jobs.read): GET /v1/schedules/{id}/next */
  listScheduleTimes(id: string, query?: ListScheduleTimesQuery, options?: CallOptions): Promise<ScheduleTimes>;

  /** Pause a schedule (scope jobs.write): POST /v1/schedules/{id}:pause */
  pauseSchedule(id: string, options?: CallOptions): Promise<Schedule>;

  /** Resume a schedule (scope jobs.write): POST /v1/schedules/{id}:resume */
  resumeSchedule(id: string, options?: CallOptions): Promise<Schedule>;

  /** Run a schedule now (scope jobs.write): POST /v1/schedules/{id}:run */
  runSchedule(id: string, options?: CallOptions): Promise<Job>;

  /** Search resources and events (scope resources.read): GET /v1/search */
  search(query?: SearchQuery, options?: CallOptions): Promise<SearchResult>;
  /** All of search, page by page as they are asked for. */
  searchAll(query?: SearchQuery, options?: CallOptions): AsyncGenerator<SearchHit, void, undefined>;

  /** Complete a word (scope resources.read): GET /v1/search/suggest */
  suggestSearch(query: SuggestSearchQuery, options?: CallOptions): Promise<Suggestions>;

  /** How the event path does (scope operations.read): GET /v1/streams */
  getStreams(query?: GetStreamsQuery, options?: CallOptions): Promise<Streams>;

  /** List triggers (scope jobs.read): GET /v1/triggers */
  listTriggers(query?: ListTriggersQuery, options?: CallOptions): Promise<TriggerList>;
  /** All of listTriggers, page by page as they are asked for. */
  listTriggersAll(query?: ListTriggersQuery, options?: CallOptions): AsyncGenerator<Trigger, void, undefined>;

  /** Make a trigger (scope jobs.write): POST /v1/triggers */
  createTrigger(body: NewTrigger, options?: CallOptions): Promise<Trigger>;

  /** Get a trigger (scope jobs.read): GET /v1/triggers/{id} */
  getTrigger(id: string, options?: CallOptions): Promise<Trigger>;

  /** Change a trigger (scope jobs.write): PATCH /v1/triggers/{id} */
  patchTrigger(id: string, body: TriggerPatch, options?: CallOptions): Promise<Trigger>;

  /** Delete a trigger (scope jobs.write): DELETE /v1/triggers/{id} */
  deleteTrigger(id: string, options?: CallOptions): Promise<void>;

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

  /** List an endpoint's deliveries (scope webhooks.read): GET /v1/webhook-endpoints/{id}/deliveries */
  listDeliveries(id: string, query?: ListDeliveriesQuery, options?: CallOptions): Promise<DeliveryList>;
  /** All of listDeliveries, page by page as they are asked for. */
  listDeliveriesAll(id: string, query?: ListDeliveriesQuery, options?: CallOptions): AsyncGenerator<Delivery, void, undefined>;

  /** Get an endpoint's secret (scope webhooks.write): GET /v1/webhook-endpoints/{id}/secret */
  getWebhookEndpointSecret(id: string, options?: CallOptions): Promise<WebhookSecret>;

  /** Enable a webhook endpoint (scope webhooks.write): POST /v1/webhook-endpoints/{id}:enable */
  enableWebhookEndpoint(id: string, options?: CallOptions): Promise<WebhookEndpoint>;

  /** Rotate an endpoint's secret (scope webhooks.write): POST /v1/webhook-endpoints/{id}:rotate-secret */
  rotateWebhookEndpointSecret(id: string, options?: CallOptions): Promise<WebhookEndpointWithSecret>;

  /** Send a test to an endpoint (scope webhooks.write): POST /v1/webhook-endpoints/{id}:test */
  testWebhookEndpoint(id: string, options?: CallOptions): Promise<Delivery>;

  /** List workflows (scope jobs.read): GET /v1/workflows */
  listWorkflows(query?: ListWorkflowsQuery, options?: CallOptions): Promise<WorkflowSummaryList>;
  /** All of listWorkflows, page by page as they are asked for. */
  listWorkflowsAll(query?: ListWorkflowsQuery, options?: CallOptions): AsyncGenerator<WorkflowSummary, void, undefined>;

  /** Start a workflow (scope jobs.write): POST /v1/workflows */
  createWorkflow(body: NewWorkflow, options?: CallOptions): Promise<Workflow>;

  /** Get a workflow (scope jobs.read): GET /v1/workflows/{id} */
  getWorkflow(id: string, options?: CallOptions): Promise<Workflow>;

  /** Approve a step (scope jobs.write): POST /v1/workflows/{id}/steps/{name}:approve */
  approveStep(id: string, name: string, body?: Decision, options?: CallOptions): Promise<Workflow>;

  /** Reject a step (scope jobs.write): POST /v1/workflows/{id}/steps/{name}:reject */
  rejectStep(id: string, name: string, body?: Decision, options?: CallOptions): Promise<Workflow>;

  /** Cancel a workflow (scope jobs.write): POST /v1/workflows/{id}:cancel */
  cancelWorkflow(id: string, body?: Cancellation, options?: CallOptions): Promise<Workflow>;

  /** Retry a workflow (scope jobs.write): POST /v1/workflows/{id}:retry */
  retryWorkflow(id: string, options?: CallOptions): Promise<Workflow>;
}
