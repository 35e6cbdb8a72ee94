// Written by tools/clients/generate.mjs out of the OpenAPI document; changes here are lost.
import type { Page, PageQuery } from './pages.mjs';
import type { CallOptions } from '../transport.mjs';

/** How it is cancelled. */
export interface Cancellation {
  /** Whether the completed steps are undone. */
  compensate?: boolean | null;
}

/** A decision. */
export interface Decision {
  /** Why. */
  comment?: string | null;
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
  /** The trigger that started it; null for none. */
  trigger_id: string | null;
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
  /** The trigger that started it; null for none. */
  trigger_id: string | null;
  /** The API key on whose behalf its jobs run. */
  submitted_by: string | null;
  /** When it was submitted. */
  created_at: string;
  /** When it came to rest; null while it goes on by itself. */
  finished_at: string | null;
}

/** A page of a list. */
export type WorkflowSummaryList = Page<WorkflowSummary>;

export interface ListWorkflowsQuery extends PageQuery {
  /** Only in this state. */
  state?: "running" | "failing" | "compensating" | "succeeded" | "failed" | "compensated" | "compensation_failed" | "cancelled";
}

export interface WorkflowsApi {
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
