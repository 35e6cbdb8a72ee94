// Written by tools/clients/generate.mjs out of the OpenAPI document; changes here are lost.
import type { Page, PageQuery } from './pages.mjs';
import type { Job } from './jobs.mjs';
import type { CallOptions } from '../transport.mjs';

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
export type ScheduleList = Page<Schedule>;

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

export interface ListSchedulesQuery extends PageQuery {}

export interface ListScheduleTimesQuery {
  /** How many. */
  count?: number;
}

export interface SchedulesApi {
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
}
