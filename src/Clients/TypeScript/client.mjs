// Written by tools/clients/generate.mjs out of the OpenAPI document; changes here are lost.
import { Transport, part } from './transport.mjs';

export { PlatformError } from './transport.mjs';

export class PlatformClient extends Transport {
  getUsage(query, options) { return this.send('GET', `/v1/analytics/usage`, { query }, options); }

  listApiKeys(query, options) { return this.send('GET', `/v1/api-keys`, { query, joined: ['fields'] }, options); }
  listApiKeysAll(query, options) { return this.all(cursor => this.listApiKeys({ ...query, cursor }, options), query?.cursor); }

  createApiKey(body, options) { return this.send('POST', `/v1/api-keys`, { body, contentType: 'application/json', isWrite: true }, options); }

  getApiKey(id, query, options) { return this.send('GET', `/v1/api-keys/${part(id)}`, { query, joined: ['fields'] }, options); }

  revokeApiKey(id, options) { return this.send('DELETE', `/v1/api-keys/${part(id)}`, { isWrite: true }, options); }

  rotateApiKey(id, body, options) { return this.send('POST', `/v1/api-keys/${part(id)}:rotate`, { body, contentType: 'application/json', isWrite: true }, options); }

  listDeadLetters(query, options) { return this.send('GET', `/v1/dead-letters`, { query }, options); }
  listDeadLettersAll(query, options) { return this.all(cursor => this.listDeadLetters({ ...query, cursor }, options), query?.cursor); }

  getDeadLetter(id, options) { return this.send('GET', `/v1/dead-letters/${part(id)}`, {  }, options); }

  redriveDeadLetter(id, options) { return this.send('POST', `/v1/dead-letters/${part(id)}:redrive`, { isWrite: true }, options); }

  redriveDeadLetters(body, options) { return this.send('POST', `/v1/dead-letters:redrive`, { body, contentType: 'application/json', isWrite: true }, options); }

  getDelivery(id, options) { return this.send('GET', `/v1/deliveries/${part(id)}`, {  }, options); }

  redeliver(id, options) { return this.send('POST', `/v1/deliveries/${part(id)}:redeliver`, { isWrite: true }, options); }

  redeliverMany(body, options) { return this.send('POST', `/v1/deliveries:redeliver`, { body, contentType: 'application/json', isWrite: true }, options); }

  listEventDeliveries(id, options) { return this.send('GET', `/v1/events/${part(id)}/deliveries`, {  }, options); }

  listDeliveries(id, query, options) { return this.send('GET', `/v1/webhook-endpoints/${part(id)}/deliveries`, { query, joined: ['fields'] }, options); }
  listDeliveriesAll(id, query, options) { return this.all(cursor => this.listDeliveries(id, { ...query, cursor }, options), query?.cursor); }

  listEvents(query, options) { return this.send('GET', `/v1/events`, { query, joined: ['fields'] }, options); }
  listEventsAll(query, options) { return this.all(cursor => this.listEvents({ ...query, cursor }, options), query?.cursor); }

  streamEvents(query, options) { return this.follow(`/v1/events/stream`, query, options); }

  getEvent(id, query, options) { return this.send('GET', `/v1/events/${part(id)}`, { query, joined: ['fields'] }, options); }

  listFiles(query, options) { return this.send('GET', `/v1/files`, { query }, options); }
  listFilesAll(query, options) { return this.all(cursor => this.listFiles({ ...query, cursor }, options), query?.cursor); }

  uploadFile(body, query, options) { return this.send('POST', `/v1/files`, { query, body, contentType: 'application/octet-stream', isWrite: true }, options); }

  uploadFileByLink(body, query, options) { return this.send('PUT', `/v1/files/upload`, { query, body, contentType: 'application/octet-stream' }, options); }

  downloadFile(id, options) { return this.send('GET', `/v1/files/${part(id)}`, { answer: 'bytes' }, options); }

  deleteFile(id, options) { return this.send('DELETE', `/v1/files/${part(id)}`, { isWrite: true }, options); }

  getFileMetadata(id, options) { return this.send('GET', `/v1/files/${part(id)}/metadata`, {  }, options); }

  downloadSharedFile(id, query, options) { return this.send('GET', `/v1/files/${part(id)}/shared`, { query, answer: 'bytes' }, options); }

  presignFile(id, body, options) { return this.send('POST', `/v1/files/${part(id)}:presign`, { body, contentType: 'application/json', isWrite: true }, options); }

  presignUpload(body, options) { return this.send('POST', `/v1/files:presign`, { body, contentType: 'application/json', isWrite: true }, options); }

  listJobs(query, options) { return this.send('GET', `/v1/jobs`, { query, joined: ['fields'] }, options); }
  listJobsAll(query, options) { return this.all(cursor => this.listJobs({ ...query, cursor }, options), query?.cursor); }

  submitJob(body, options) { return this.send('POST', `/v1/jobs`, { body, contentType: 'application/json', isWrite: true }, options); }

  getJob(id, query, options) { return this.send('GET', `/v1/jobs/${part(id)}`, { query, joined: ['fields'] }, options); }

  changeJob(id, body, options) { return this.send('PATCH', `/v1/jobs/${part(id)}`, { body, contentType: 'application/merge-patch+json', isWrite: true }, options); }

  cancelJob(id, options) { return this.send('POST', `/v1/jobs/${part(id)}:cancel`, { isWrite: true }, options); }

  retryJob(id, options) { return this.send('POST', `/v1/jobs/${part(id)}:retry`, { isWrite: true }, options); }

  submitJobs(body, options) { return this.send('POST', `/v1/jobs:batch`, { body, contentType: 'application/json', isWrite: true }, options); }

  cancelJobs(body, options) { return this.send('POST', `/v1/jobs:cancel`, { body, contentType: 'application/json', isWrite: true }, options); }

  getDocs(options) { return this.send('GET', `/docs`, { answer: 'text' }, options); }

  getLiveness(options) { return this.send('GET', `/health/live`, {  }, options); }

  getReadiness(options) { return this.send('GET', `/health/ready`, {  }, options); }

  getMetrics(options) { return this.send('GET', `/metrics`, { answer: 'text' }, options); }

  getOpenApi(options) { return this.send('GET', `/openapi/v1.json`, {  }, options); }

  getStreams(query, options) { return this.send('GET', `/v1/streams`, { query }, options); }

  getOrganization(options) { return this.send('GET', `/v1/organization`, {  }, options); }

  listQueues(options) { return this.send('GET', `/v1/queues`, {  }, options); }

  limitQueue(queue, body, options) { return this.send('PATCH', `/v1/queues/${part(queue)}`, { body, contentType: 'application/merge-patch+json', isWrite: true }, options); }

  pauseQueue(queue, options) { return this.send('POST', `/v1/queues/${part(queue)}:pause`, { isWrite: true }, options); }

  resumeQueue(queue, options) { return this.send('POST', `/v1/queues/${part(queue)}:resume`, { isWrite: true }, options); }

  listResourceTypes(query, options) { return this.send('GET', `/v1/resource-types`, { query }, options); }
  listResourceTypesAll(query, options) { return this.all(cursor => this.listResourceTypes({ ...query, cursor }, options), query?.cursor); }

  getResourceType(type, options) { return this.send('GET', `/v1/resource-types/${part(type)}`, {  }, options); }

  saveResourceType(type, body, options) { return this.send('PUT', `/v1/resource-types/${part(type)}`, { body, contentType: 'application/json', isWrite: true }, options); }

  deleteResourceType(type, options) { return this.send('DELETE', `/v1/resource-types/${part(type)}`, { isWrite: true }, options); }

  listResources(query, options) { return this.send('GET', `/v1/resources`, { query, joined: ['fields'] }, options); }
  listResourcesAll(query, options) { return this.all(cursor => this.listResources({ ...query, cursor }, options), query?.cursor); }

  createResource(body, options) { return this.send('POST', `/v1/resources`, { body, contentType: 'application/json', isWrite: true }, options); }

  getResource(id, query, options) { return this.send('GET', `/v1/resources/${part(id)}`, { query, joined: ['fields'] }, options); }

  replaceResource(id, body, options) { return this.send('PUT', `/v1/resources/${part(id)}`, { body, contentType: 'application/json', isWrite: true }, options); }

  patchResource(id, body, options) { return this.send('PATCH', `/v1/resources/${part(id)}`, { body, contentType: 'application/merge-patch+json', isWrite: true }, options); }

  deleteResource(id, options) { return this.send('DELETE', `/v1/resources/${part(id)}`, { isWrite: true }, options); }

  listResourceHistory(id, query, options) { return this.send('GET', `/v1/resources/${part(id)}/history`, { query }, options); }
  listResourceHistoryAll(id, query, options) { return this.all(cursor => this.listResourceHistory(id, { ...query, cursor }, options), query?.cursor); }

  getResourceVersion(id, version, options) { return this.send('GET', `/v1/resources/${part(id)}/history/${part(version)}`, {  }, options); }

  restoreResource(id, body, options) { return this.send('POST', `/v1/resources/${part(id)}:restore`, { body, contentType: 'application/json', isWrite: true }, options); }

  writeResources(body, options) { return this.send('POST', `/v1/resources:batch`, { body, contentType: 'application/json', isWrite: true }, options); }

  listSchedules(query, options) { return this.send('GET', `/v1/schedules`, { query }, options); }
  listSchedulesAll(query, options) { return this.all(cursor => this.listSchedules({ ...query, cursor }, options), query?.cursor); }

  createSchedule(body, options) { return this.send('POST', `/v1/schedules`, { body, contentType: 'application/json', isWrite: true }, options); }

  getSchedule(id, options) { return this.send('GET', `/v1/schedules/${part(id)}`, {  }, options); }

  patchSchedule(id, body, options) { return this.send('PATCH', `/v1/schedules/${part(id)}`, { body, contentType: 'application/merge-patch+json', isWrite: true }, options); }

  deleteSchedule(id, options) { return this.send('DELETE', `/v1/schedules/${part(id)}`, { isWrite: true }, options); }

  listScheduleTimes(id, query, options) { return this.send('GET', `/v1/schedules/${part(id)}/next`, { query }, options); }

  pauseSchedule(id, options) { return this.send('POST', `/v1/schedules/${part(id)}:pause`, { isWrite: true }, options); }

  resumeSchedule(id, options) { return this.send('POST', `/v1/schedules/${part(id)}:resume`, { isWrite: true }, options); }

  runSchedule(id, options) { return this.send('POST', `/v1/schedules/${part(id)}:run`, { isWrite: true }, options); }

  search(query, options) { return this.send('GET', `/v1/search`, { query, joined: ['fields'] }, options); }
  searchAll(query, options) { return this.all(cursor => this.search({ ...query, cursor }, options), query?.cursor); }

  suggestSearch(query, options) { return this.send('GET', `/v1/search/suggest`, { query }, options); }

  listTriggers(query, options) { return this.send('GET', `/v1/triggers`, { query }, options); }
  listTriggersAll(query, options) { return this.all(cursor => this.listTriggers({ ...query, cursor }, options), query?.cursor); }

  createTrigger(body, options) { return this.send('POST', `/v1/triggers`, { body, contentType: 'application/json', isWrite: true }, options); }

  getTrigger(id, options) { return this.send('GET', `/v1/triggers/${part(id)}`, {  }, options); }

  patchTrigger(id, body, options) { return this.send('PATCH', `/v1/triggers/${part(id)}`, { body, contentType: 'application/merge-patch+json', isWrite: true }, options); }

  deleteTrigger(id, options) { return this.send('DELETE', `/v1/triggers/${part(id)}`, { isWrite: true }, options); }

  listWebhookEndpoints(query, options) { return this.send('GET', `/v1/webhook-endpoints`, { query, joined: ['fields'] }, options); }
  listWebhookEndpointsAll(query, options) { return this.all(cursor => this.listWebhookEndpoints({ ...query, cursor }, options), query?.cursor); }

  createWebhookEndpoint(body, options) { return this.send('POST', `/v1/webhook-endpoints`, { body, contentType: 'application/json', isWrite: true }, options); }

  getWebhookEndpoint(id, query, options) { return this.send('GET', `/v1/webhook-endpoints/${part(id)}`, { query, joined: ['fields'] }, options); }

  patchWebhookEndpoint(id, body, options) { return this.send('PATCH', `/v1/webhook-endpoints/${part(id)}`, { body, contentType: 'application/merge-patch+json', isWrite: true }, options); }

  deleteWebhookEndpoint(id, options) { return this.send('DELETE', `/v1/webhook-endpoints/${part(id)}`, { isWrite: true }, options); }

  getWebhookEndpointSecret(id, options) { return this.send('GET', `/v1/webhook-endpoints/${part(id)}/secret`, {  }, options); }

  enableWebhookEndpoint(id, options) { return this.send('POST', `/v1/webhook-endpoints/${part(id)}:enable`, { isWrite: true }, options); }

  replayWebhookEndpoint(id, body, options) { return this.send('POST', `/v1/webhook-endpoints/${part(id)}:replay`, { body, contentType: 'application/json', isWrite: true }, options); }

  rotateWebhookEndpointSecret(id, body, options) { return this.send('POST', `/v1/webhook-endpoints/${part(id)}:rotate-secret`, { body, contentType: 'application/json', isWrite: true }, options); }

  testWebhookEndpoint(id, options) { return this.send('POST', `/v1/webhook-endpoints/${part(id)}:test`, { isWrite: true }, options); }

  listWebhookReplays(query, options) { return this.send('GET', `/v1/webhook-replays`, { query }, options); }
  listWebhookReplaysAll(query, options) { return this.all(cursor => this.listWebhookReplays({ ...query, cursor }, options), query?.cursor); }

  getWebhookReplay(id, options) { return this.send('GET', `/v1/webhook-replays/${part(id)}`, {  }, options); }

  cancelWebhookReplay(id, options) { return this.send('POST', `/v1/webhook-replays/${part(id)}:cancel`, { isWrite: true }, options); }

  listWorkflows(query, options) { return this.send('GET', `/v1/workflows`, { query }, options); }
  listWorkflowsAll(query, options) { return this.all(cursor => this.listWorkflows({ ...query, cursor }, options), query?.cursor); }

  createWorkflow(body, options) { return this.send('POST', `/v1/workflows`, { body, contentType: 'application/json', isWrite: true }, options); }

  getWorkflow(id, options) { return this.send('GET', `/v1/workflows/${part(id)}`, {  }, options); }

  approveStep(id, name, body, options) { return this.send('POST', `/v1/workflows/${part(id)}/steps/${part(name)}:approve`, { body, contentType: 'application/json', isWrite: true }, options); }

  rejectStep(id, name, body, options) { return this.send('POST', `/v1/workflows/${part(id)}/steps/${part(name)}:reject`, { body, contentType: 'application/json', isWrite: true }, options); }

  cancelWorkflow(id, body, options) { return this.send('POST', `/v1/workflows/${part(id)}:cancel`, { body, contentType: 'application/json', isWrite: true }, options); }

  retryWorkflow(id, options) { return this.send('POST', `/v1/workflows/${part(id)}:retry`, { isWrite: true }, options); }
}
