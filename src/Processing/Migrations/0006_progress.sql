-- How far running jobs are and where they would go on: a row only for jobs that say so, gone with their success. A job that died or was cancelled
-- keeps it for a while, so that it goes on from there when it is retried.
CREATE TABLE {schema}.job_progress (
    tenant_id   uuid NOT NULL,
    id          uuid NOT NULL,
    progress    real NOT NULL DEFAULT 0,
    note        text,
    checkpoint  json,
    updated_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 500);

-- What a running job gathers that is too much for its checkpoint, such as the faults of an import's rows. seq says where in the job's input it belongs: what
-- is gathered a second time after a crash is there already.
CREATE TABLE {schema}.job_log (
    tenant_id   uuid NOT NULL,
    id          uuid NOT NULL,
    seq         bigint NOT NULL,
    entries     bytea NOT NULL,
    PRIMARY KEY (tenant_id, id, seq)
);

ALTER TABLE {schema}.job_progress ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.job_progress FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {schema}.job_progress USING (
    tenant_id = (SELECT NULLIF(current_setting('platform.tenant', true), '')::uuid)
    OR (SELECT current_setting('platform.scope', true) = 'system'));
ALTER TABLE {schema}.job_log ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.job_log FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {schema}.job_log USING (
    tenant_id = (SELECT NULLIF(current_setting('platform.tenant', true), '')::uuid)
    OR (SELECT current_setting('platform.scope', true) = 'system'));
