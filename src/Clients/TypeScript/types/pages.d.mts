// Written by tools/clients/generate.mjs out of the OpenAPI document; changes here are lost.

/** A page of a list. */
export interface Page<T> {
  /** The objects of this page, in the order of the list. */
  data: Array<T>;
  /** Where the next page begins; null on the last. */
  next_cursor: string | null;
  /** Whether there is another page. */
  has_more: boolean;
}

/** Which page of a list. */
export interface PageQuery {
  /** How many objects a page has at most. */
  limit?: number;
  /** `next_cursor` of the page before. It is good for this list and its order alone. */
  cursor?: string;
}
