// Written by tools/clients/generate.mjs out of the OpenAPI document; changes here are lost.
import type { PageQuery } from './pages.mjs';
import type { CallOptions } from '../transport.mjs';

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

export interface SearchQuery extends PageQuery {
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
}

export interface SuggestSearchQuery {
  /** How it begins. */
  q: string;
  /** How many at most. */
  limit?: number;
}

export interface SearchApi {
  /** Search resources and events (scope resources.read): GET /v1/search */
  search(query?: SearchQuery, options?: CallOptions): Promise<SearchResult>;
  /** All of search, page by page as they are asked for. */
  searchAll(query?: SearchQuery, options?: CallOptions): AsyncGenerator<SearchHit, void, undefined>;

  /** Complete a word (scope resources.read): GET /v1/search/suggest */
  suggestSearch(query: SuggestSearchQuery, options?: CallOptions): Promise<Suggestions>;
}
