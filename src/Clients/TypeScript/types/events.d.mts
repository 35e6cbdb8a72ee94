// Written by tools/clients/generate.mjs out of the OpenAPI document; changes here are lost.
import type { Page, PageQuery } from './pages.mjs';
import type { CallOptions, StreamEvent, StreamOptions } from '../transport.mjs';

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

/** A page of a list. */
export type EventList = Page<Event>;

export interface ListEventsQuery extends PageQuery {
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

export interface EventsApi {
  /** List events (scope events.read): GET /v1/events */
  listEvents(query?: ListEventsQuery, options?: CallOptions): Promise<EventList>;
  /** All of listEvents, page by page as they are asked for. */
  listEventsAll(query?: ListEventsQuery, options?: CallOptions): AsyncGenerator<Event, void, undefined>;

  /** Follow events (scope events.read): GET /v1/events/stream */
  streamEvents(query?: StreamEventsQuery, options?: StreamOptions): AsyncGenerator<StreamEvent, void, undefined>;

  /** Get an event (scope events.read): GET /v1/events/{id} */
  getEvent(id: string, query?: GetEventQuery, options?: CallOptions): Promise<Event>;
}
