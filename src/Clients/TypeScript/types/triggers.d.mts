// Written by tools/clients/generate.mjs out of the OpenAPI document; changes here are lost.
import type { Page, PageQuery } from './pages.mjs';
import type { JobTemplate, JobTemplatePatch, NewJobTemplate } from './schedules.mjs';
import type { NewStep } from './workflows.mjs';
import type { CallOptions } from '../transport.mjs';

/** A trigger that is to be made. */
export interface NewTrigger {
  /** The events that it listens to: one of `resource.created`, `resource.updated`, `resource.deleted`, `resource.restored`, `file.created`, `file.deleted`, `job.created`, `job.succeeded`, `job.retrying`, `job.dead`, `job.cancelled`, `workflow.started`, `workflow.resumed`, `workflow.approval_requested`, `workflow.succeeded`, `workflow.failed`, `workflow.compensated`, `workflow.cancelled`, `webhook.endpoint.failing`, `webhook.endpoint.disabled`; a name and `.*` for all below it; `*` for all. */
  event_type: string;
  /** Of events of jobs: which jobs are meant. */
  about?: NewTriggerAbout | null;
  /** The event's labels must include all of these; none for every event of the type. */
  labels?: Record<string, string> | null;
  /**  */
  job?: NewJobTemplate | null;
  /**  */
  workflow?: NewWorkflowTemplate | null;
  /** It starts nothing; events that come meanwhile are not made up for. */
  paused?: boolean | null;
}

/** Of events of jobs: which jobs are meant. */
export interface NewTriggerAbout {
  /** Only jobs of this type. */
  type?: string | null;
  /** Only jobs of this queue. Built in are `critical`, `default`, `notifications`, `bulk`; others by configuration. */
  queue?: string | null;
}

/** The workflow that it starts. */
export interface NewWorkflowTemplate {
  /** In any order. */
  steps: Array<NewStep>;
  /** For people. */
  name?: string | null;
  /** What templates of the steps find as `input`. Strings may hold templates of the event; without any, the whole event is added under `event`. */
  input?: any;
  /** What follows when a step has failed for good: stop there, or undo the completed steps, the last one first. */
  on_failure?: "stop" | "compensate" | null;
}

/** Starts a job or a workflow for each event that matches. */
export interface Trigger {
  /** Its id. */
  id: string;
  /** The events that it listens to: one of `resource.created`, `resource.updated`, `resource.deleted`, `resource.restored`, `file.created`, `file.deleted`, `job.created`, `job.succeeded`, `job.retrying`, `job.dead`, `job.cancelled`, `workflow.started`, `workflow.resumed`, `workflow.approval_requested`, `workflow.succeeded`, `workflow.failed`, `workflow.compensated`, `workflow.cancelled`, `webhook.endpoint.failing`, `webhook.endpoint.disabled`; a name and `.*` for all below it; `*` for all. */
  event_type: string;
  /** Of events of jobs: which jobs are meant. Null for all. */
  about: TriggerAbout | null;
  /** The event's labels must include all of these; none for every event of the type. */
  labels: Record<string, string>;
  /**  */
  job: JobTemplate | null;
  /**  */
  workflow: WorkflowTemplate | null;
  /** It starts nothing; events that come meanwhile are not made up for. */
  paused: boolean;
  /** Counts what was set; also the entity tag. */
  version: number;
  /** When it was made. */
  created_at: string;
  /** When it was last set. */
  updated_at: string;
}

/** Of events of jobs: which jobs are meant. Null for all. */
export interface TriggerAbout {
  /** Only jobs of this type. */
  type: string | null;
  /** Only jobs of this queue. Built in are `critical`, `default`, `notifications`, `bulk`; others by configuration. */
  queue: string | null;
}

/** A page of a list. */
export type TriggerList = Page<Trigger>;

/** What is to be changed of a trigger. */
export interface TriggerPatch {
  /** The events that it listens to: one of `resource.created`, `resource.updated`, `resource.deleted`, `resource.restored`, `file.created`, `file.deleted`, `job.created`, `job.succeeded`, `job.retrying`, `job.dead`, `job.cancelled`, `workflow.started`, `workflow.resumed`, `workflow.approval_requested`, `workflow.succeeded`, `workflow.failed`, `workflow.compensated`, `workflow.cancelled`, `webhook.endpoint.failing`, `webhook.endpoint.disabled`; a name and `.*` for all below it; `*` for all. */
  event_type?: string | null;
  /** Of events of jobs: which jobs are meant. */
  about?: TriggerPatchAbout | null;
  /** The event's labels must include all of these; none for every event of the type. */
  labels?: Record<string, string> | null;
  /**  */
  job?: JobTemplatePatch | null;
  /**  */
  workflow?: WorkflowTemplatePatch | null;
  /** It starts nothing; events that come meanwhile are not made up for. */
  paused?: boolean | null;
}

/** Of events of jobs: which jobs are meant. */
export interface TriggerPatchAbout {
  /** Only jobs of this type. */
  type?: string | null;
  /** Only jobs of this queue. Built in are `critical`, `default`, `notifications`, `bulk`; others by configuration. */
  queue?: string | null;
}

/** The workflow that it starts. */
export interface WorkflowTemplate {
  /** For people. */
  name?: string;
  /** What follows when a step has failed for good: stop there, or undo the completed steps, the last one first. */
  on_failure: "stop" | "compensate";
  /** What templates of the steps find as `input`. Strings may hold templates of the event; without any, the whole event is added under `event`. */
  input: any;
  /** As they were asked for. */
  steps: Array<NewStep>;
}

/** The workflow that it starts. */
export interface WorkflowTemplatePatch {
  /** In any order. */
  steps?: Array<NewStep> | null;
  /** For people. */
  name?: string | null;
  /** What templates of the steps find as `input`. Strings may hold templates of the event; without any, the whole event is added under `event`. */
  input?: any;
  /** What follows when a step has failed for good: stop there, or undo the completed steps, the last one first. */
  on_failure?: "stop" | "compensate" | null;
}

export interface ListTriggersQuery extends PageQuery {}

export interface TriggersApi {
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
}
