// Written by tools/clients/generate.mjs out of the OpenAPI document; changes here are lost.
import { Transport } from './transport.mjs';
import type { AnalyticsApi } from './types/analytics.mjs';
import type { ApiKeysApi } from './types/api-keys.mjs';
import type { DeadLettersApi } from './types/dead-letters.mjs';
import type { DeliveriesApi } from './types/deliveries.mjs';
import type { EventsApi } from './types/events.mjs';
import type { FilesApi } from './types/files.mjs';
import type { JobsApi } from './types/jobs.mjs';
import type { OperationsApi } from './types/operations.mjs';
import type { OrganizationApi } from './types/organization.mjs';
import type { QueuesApi } from './types/queues.mjs';
import type { ResourcesApi } from './types/resources.mjs';
import type { SchedulesApi } from './types/schedules.mjs';
import type { SearchApi } from './types/search.mjs';
import type { TriggersApi } from './types/triggers.mjs';
import type { WebhooksApi } from './types/webhooks.mjs';
import type { WorkflowsApi } from './types/workflows.mjs';

export { CallOptions, ClientOptions, PlatformError, StreamEvent, StreamOptions } from './transport.mjs';
export type * from './types/pages.mjs';
export type * from './types/analytics.mjs';
export type * from './types/api-keys.mjs';
export type * from './types/dead-letters.mjs';
export type * from './types/deliveries.mjs';
export type * from './types/events.mjs';
export type * from './types/files.mjs';
export type * from './types/jobs.mjs';
export type * from './types/operations.mjs';
export type * from './types/organization.mjs';
export type * from './types/queues.mjs';
export type * from './types/resources.mjs';
export type * from './types/schedules.mjs';
export type * from './types/search.mjs';
export type * from './types/triggers.mjs';
export type * from './types/webhooks.mjs';
export type * from './types/workflows.mjs';

/** The API, an operation a method. Writes carry an Idempotency-Key of their own where none is given, and are safe to repeat; failures are a PlatformError. */
export declare class PlatformClient extends Transport {}

export interface PlatformClient extends AnalyticsApi, ApiKeysApi, DeadLettersApi, DeliveriesApi, EventsApi, FilesApi, JobsApi, OperationsApi, OrganizationApi, QueuesApi, ResourcesApi, SchedulesApi, SearchApi, TriggersApi, WebhooksApi, WorkflowsApi {}
