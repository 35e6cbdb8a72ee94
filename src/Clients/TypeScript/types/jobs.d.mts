// Written by tools/clients/generate.mjs out of the OpenAPI document; changes here are lost.
import type { Page, PageQuery } from './pages.mjs';
import type { CallOptions } from '../transport.mjs';

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
  /** What the type needs, up to 256 KiB. `http.request`: `{method?, url, headers?, body?}`; `resources.import`: `{file_id, format, delimiter?, type, mapping?, on_error?}`; `resources.export`: `{format, delimiter?, type?, labels?, fields?}`; `usage.report`: `{from, to, interval?, group_by?, output?}`. */
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
export type JobList = Page<Job>;

/** A job that is to be done. */
export interface NewJob {
  /** What is to be done: `http.request`, `resources.import`, `resources.export`, `usage.report` or `noop`. */
  type: string;
  /** What the type needs, up to 256 KiB. `http.request`: `{method?, url, headers?, body?}`; `resources.import`: `{file_id, format, delimiter?, type, mapping?, on_error?}`; `resources.export`: `{format, delimiter?, type?, labels?, fields?}`; `usage.report`: `{from, to, interval?, group_by?, output?}`. */
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

export interface ListJobsQuery extends PageQuery {
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
}

export interface GetJobQuery {
  /** Only these fields of each object. */
  fields?: Array<"id" | "queue" | "type" | "payload" | "state" | "priority" | "run_at" | "attempt" | "max_attempts" | "timeout" | "unique_key" | "trigger_id" | "schedule_id" | "workflow_id" | "step" | "submitted_by" | "progress" | "progress_note" | "result" | "error" | "errors" | "created_at" | "started_at" | "finished_at" | "duration_ms">;
}

export interface JobsApi {
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
}
