// Written by tools/clients/generate.mjs out of the OpenAPI document; changes here are lost.
import type { CallOptions } from '../transport.mjs';

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

export interface OrganizationApi {
  /** Get the caller's organization (scope organization.read): GET /v1/organization */
  getOrganization(options?: CallOptions): Promise<Organization>;
}
