// Written by tools/clients/generate.mjs out of the OpenAPI document; changes here are lost.
import type { Page, PageQuery } from './pages.mjs';
import type { CallOptions } from '../transport.mjs';

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
export type DeadLetterList = Page<DeadLetter>;

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

export interface ListDeadLettersQuery extends PageQuery {
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
}

export interface DeadLettersApi {
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
}
