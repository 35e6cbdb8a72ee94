-- Jobs by the calendar. next_at is when the next one is due, and null where none is: a paused schedule, or one that has come to its end. Starting
-- jobs and moving next_at on is one transaction.
CREATE TABLE {schema}.schedule (
    tenant_id       uuid NOT NULL,
    id              uuid NOT NULL,
    name            text NOT NULL,
    cron            text NOT NULL,
    time_zone       text NOT NULL,
    job_type        text NOT NULL,
    queue           text NOT NULL,
    payload         json NOT NULL,
    priority        smallint NOT NULL,
    timeout_seconds int NOT NULL,
    max_attempts    int NOT NULL,
    missed          text NOT NULL CHECK (missed IN ('skip', 'latest', 'all')),
    overlap         text NOT NULL CHECK (overlap IN ('allow', 'skip')),
    paused          boolean NOT NULL,
    starts_at       timestamptz,
    ends_at         timestamptz,
    submitted_by    uuid,
    version         bigint NOT NULL,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    next_at         timestamptz,
    last_at         timestamptz,
    last_skipped_at timestamptz,
    last_job_id     uuid,
    PRIMARY KEY (tenant_id, id)
) WITH (fillfactor = 80);
CREATE INDEX schedule_due ON {schema}.schedule (next_at) WHERE next_at IS NOT NULL;

ALTER TABLE {schema}.schedule ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.schedule FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {schema}.schedule USING (
    tenant_id = (SELECT NULLIF(current_setting('platform.tenant', true), '')::uuid)
    OR (SELECT current_setting('platform.scope', true) = 'system'));

-- Triggers listen to patterns of event types, can be paused and changed, and say all of the job that they start.
ALTER TABLE {schema}.trigger
    ADD COLUMN priority smallint NOT NULL DEFAULT 0,
    ADD COLUMN timeout_seconds int NOT NULL DEFAULT 30,
    ADD COLUMN max_attempts int NOT NULL DEFAULT 25,
    ADD COLUMN paused boolean NOT NULL DEFAULT false,
    ADD COLUMN submitted_by uuid,
    ADD COLUMN version bigint NOT NULL DEFAULT 1,
    ADD COLUMN updated_at timestamptz;
UPDATE {schema}.trigger SET updated_at = created_at;
ALTER TABLE {schema}.trigger ALTER COLUMN updated_at SET NOT NULL;

-- Jobs that the event of another triggered job started, and how many triggers lie behind them. A job that a trigger started and that is not here is the
-- first of its chain.
CREATE TABLE {schema}.trigger_depth (
    tenant_id   uuid NOT NULL,
    job_id      uuid NOT NULL,
    depth       smallint NOT NULL,
    started_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, job_id)
);
CREATE INDEX trigger_depth_old ON {schema}.trigger_depth (started_at);

ALTER TABLE {schema}.trigger_depth ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.trigger_depth FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {schema}.trigger_depth USING (
    tenant_id = (SELECT NULLIF(current_setting('platform.tenant', true), '')::uuid)
    OR (SELECT current_setting('platform.scope', true) = 'system'));
