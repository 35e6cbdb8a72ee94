-- Workflows: steps that need one another. What was asked for stands in workflow (input, steps) and never changes; how far it is, in the
-- states. Only who holds the workflow's row lock changes its steps, so a reader of both sees one moment.
CREATE TABLE {schema}.workflow (
    tenant_id    uuid NOT NULL,
    id           uuid NOT NULL,
    name         text,
    state        text NOT NULL CHECK (state IN
        ('running', 'failing', 'compensating', 'succeeded', 'failed', 'compensated', 'compensation_failed', 'cancelled')),
    on_failure   text NOT NULL CHECK (on_failure IN ('stop', 'compensate')),
    unique_key   text,
    input        json NOT NULL,
    steps        json NOT NULL,
    failed_step  text,
    error        text,
    submitted_by uuid,
    trace_parent text,
    created_at   timestamptz NOT NULL,
    finished_at  timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX workflow_state ON {schema}.workflow (tenant_id, state, id);
CREATE UNIQUE INDEX workflow_unique ON {schema}.workflow (tenant_id, unique_key)
    WHERE unique_key IS NOT NULL AND state IN ('running', 'failing', 'compensating');
CREATE INDEX workflow_finished ON {schema}.workflow (finished_at) WHERE finished_at IS NOT NULL;

-- completion orders the steps that succeeded; compensation goes the other way round.
CREATE TABLE {schema}.workflow_step (
    tenant_id           uuid NOT NULL,
    workflow_id         uuid NOT NULL,
    ordinal             smallint NOT NULL,
    name                text NOT NULL,
    state               text NOT NULL CHECK (state IN ('pending', 'running', 'waiting', 'succeeded', 'skipped', 'failed', 'cancelled')),
    job_id              uuid,
    elements            smallint NOT NULL DEFAULT 0,
    elements_left       smallint NOT NULL DEFAULT 0,
    result              json,
    error               text,
    due_at              timestamptz,
    started_at          timestamptz,
    finished_at         timestamptz,
    completion          smallint,
    compensation        text CHECK (compensation IN ('running', 'succeeded', 'failed')),
    compensation_job_id uuid,
    compensation_error  text,
    PRIMARY KEY (tenant_id, workflow_id, ordinal)
) WITH (fillfactor = 70);

-- The jobs of a step that runs once for each element of a list.
CREATE TABLE {schema}.workflow_element (
    tenant_id   uuid NOT NULL,
    workflow_id uuid NOT NULL,
    ordinal     smallint NOT NULL,
    number      smallint NOT NULL,
    job_id      uuid NOT NULL,
    state       text NOT NULL CHECK (state IN ('running', 'succeeded', 'failed', 'cancelled')),
    result      json,
    error       text,
    PRIMARY KEY (tenant_id, workflow_id, ordinal, number)
) WITH (fillfactor = 70);

-- What workflows have to look at, now or later: a job that ended (written with its end), a timer, an approval that expires. Rows are only
-- added and removed, so whoever ends a job never waits for whoever advances its workflow, and nothing that comes meanwhile is overlooked.
CREATE TABLE {schema}.workflow_due (
    tenant_id   uuid NOT NULL,
    workflow_id uuid NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    due_at      timestamptz NOT NULL DEFAULT now(),
    step        text NOT NULL,
    job_id      uuid,
    outcome     text,
    result      json,
    error       text,
    PRIMARY KEY (tenant_id, workflow_id, id)
) WITH (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX workflow_due_at ON {schema}.workflow_due (due_at);

ALTER TABLE {schema}.workflow ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.workflow FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {schema}.workflow USING (
    tenant_id = (SELECT NULLIF(current_setting('platform.tenant', true), '')::uuid)
    OR (SELECT current_setting('platform.scope', true) = 'system'));
ALTER TABLE {schema}.workflow_step ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.workflow_step FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {schema}.workflow_step USING (
    tenant_id = (SELECT NULLIF(current_setting('platform.tenant', true), '')::uuid)
    OR (SELECT current_setting('platform.scope', true) = 'system'));
ALTER TABLE {schema}.workflow_element ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.workflow_element FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {schema}.workflow_element USING (
    tenant_id = (SELECT NULLIF(current_setting('platform.tenant', true), '')::uuid)
    OR (SELECT current_setting('platform.scope', true) = 'system'));
ALTER TABLE {schema}.workflow_due ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.workflow_due FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {schema}.workflow_due USING (
    tenant_id = (SELECT NULLIF(current_setting('platform.tenant', true), '')::uuid)
    OR (SELECT current_setting('platform.scope', true) = 'system'));
