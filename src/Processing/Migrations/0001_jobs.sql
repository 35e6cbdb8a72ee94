-- Jobs, whole: what they are and what became of them. While a job is alive (outcome is null) its state, time and attempt stand in
-- work_item, which a read joins: taking a job writes nothing here. No index has the columns that finishing changes, so that update
-- stays on its page.
CREATE TABLE {schema}.job (
    tenant_id       uuid NOT NULL,
    id              uuid NOT NULL,
    queue           text NOT NULL,
    type            text NOT NULL,
    payload         json NOT NULL,
    priority        smallint NOT NULL,
    max_attempts    int NOT NULL,
    timeout_seconds int NOT NULL,
    unique_key      text,
    trigger_id      uuid,
    trace_parent    text,
    run_at          timestamptz NOT NULL,
    created_at      timestamptz NOT NULL,
    outcome         text CHECK (outcome IN ('succeeded', 'dead', 'cancelled')),
    attempt         int NOT NULL DEFAULT 0,
    result          json,
    error           text,
    errors          jsonb NOT NULL DEFAULT '[]',
    started_at      timestamptz,
    finished_at     timestamptz,
    duration_ms     double precision,
    PRIMARY KEY (tenant_id, id)
) WITH (fillfactor = 80);
CREATE INDEX job_type ON {schema}.job (tenant_id, type, id);

-- Unique keys of jobs that are alive.
CREATE TABLE {schema}.job_unique (
    tenant_id   uuid NOT NULL,
    type        text NOT NULL,
    key         text NOT NULL,
    job_id      uuid NOT NULL,
    PRIMARY KEY (tenant_id, type, key)
);

-- Jobs that no attempt could do; gone from here when they are redriven.
CREATE TABLE {schema}.dead_letter (
    tenant_id   uuid NOT NULL,
    id          uuid NOT NULL,
    job_id      uuid NOT NULL,
    reason      text NOT NULL,
    attempts    int NOT NULL,
    died_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, job_id)
);

-- Jobs finished in the last minute: a ring of ten-second slices.
CREATE TABLE {schema}.queue_rate (
    tenant_id   uuid NOT NULL,
    queue       text NOT NULL,
    slot        smallint NOT NULL,
    slice       bigint NOT NULL,
    finished    bigint NOT NULL,
    PRIMARY KEY (tenant_id, queue, slot)
) WITH (fillfactor = 50);

-- Events that start jobs.
CREATE TABLE {schema}.trigger (
    tenant_id   uuid NOT NULL,
    id          uuid NOT NULL,
    event_type  text NOT NULL,
    labels      jsonb NOT NULL,
    job_type    text NOT NULL,
    queue       text NOT NULL,
    payload     json NOT NULL,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX trigger_event ON {schema}.trigger (tenant_id, event_type);

ALTER TABLE {schema}.job ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.job FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {schema}.job USING (
    tenant_id = (SELECT NULLIF(current_setting('platform.tenant', true), '')::uuid)
    OR (SELECT current_setting('platform.scope', true) = 'system'));
ALTER TABLE {schema}.job_unique ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.job_unique FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {schema}.job_unique USING (
    tenant_id = (SELECT NULLIF(current_setting('platform.tenant', true), '')::uuid)
    OR (SELECT current_setting('platform.scope', true) = 'system'));
ALTER TABLE {schema}.dead_letter ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.dead_letter FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {schema}.dead_letter USING (
    tenant_id = (SELECT NULLIF(current_setting('platform.tenant', true), '')::uuid)
    OR (SELECT current_setting('platform.scope', true) = 'system'));
ALTER TABLE {schema}.queue_rate ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.queue_rate FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {schema}.queue_rate USING (
    tenant_id = (SELECT NULLIF(current_setting('platform.tenant', true), '')::uuid)
    OR (SELECT current_setting('platform.scope', true) = 'system'));
ALTER TABLE {schema}.trigger ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.trigger FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {schema}.trigger USING (
    tenant_id = (SELECT NULLIF(current_setting('platform.tenant', true), '')::uuid)
    OR (SELECT current_setting('platform.scope', true) = 'system'));
