-- Jobs in days. What was submitted, what failed and how it ended are three tables that are only ever added to, in partitions by the day of
-- the job's id: a job lies in one day of all three, a look-up by id reads one partition, and a day that is over is dropped whole. What
-- changes while a job lives stands in work_item alone. An id without a day of its own (one that a submitter chose, a job that outlives its
-- day) lies in the partition "other".
ALTER TABLE {schema}.job RENAME TO job_before;
ALTER TABLE {schema}.job_before RENAME CONSTRAINT job_pkey TO job_before_pkey;
DROP INDEX {schema}.job_type, {schema}.job_named;

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
    named           boolean NOT NULL DEFAULT false,
    schedule_id     uuid,
    workflow_id     uuid,
    step            text,
    submitted_by    uuid,
    PRIMARY KEY (tenant_id, id)
) PARTITION BY RANGE (id);
-- The type first: while a day is small, an index on (tenant_id, ...) would look as good as the key for a look-up by id, and the plan is kept.
CREATE INDEX job_type ON {schema}.job (type, tenant_id, id);
CREATE INDEX job_workflow ON {schema}.job (tenant_id, workflow_id, id) WHERE workflow_id IS NOT NULL;
CREATE INDEX job_schedule ON {schema}.job (tenant_id, schedule_id, id) WHERE schedule_id IS NOT NULL;
CREATE UNIQUE INDEX job_named ON {schema}.job (id) WHERE named;

-- One row for a job that has ended, written with the end of its work_item; gone when the job starts over.
CREATE TABLE {schema}.job_end (
    tenant_id       uuid NOT NULL,
    id              uuid NOT NULL,
    outcome         text NOT NULL CHECK (outcome IN ('succeeded', 'dead', 'cancelled')),
    attempt         int NOT NULL,
    result          json,
    error           text,
    started_at      timestamptz,
    finished_at     timestamptz NOT NULL DEFAULT now(),
    duration_ms     double precision,
    PRIMARY KEY (tenant_id, id)
) PARTITION BY RANGE (id);
CREATE INDEX job_end_unusual ON {schema}.job_end (tenant_id, outcome, id) WHERE outcome <> 'succeeded';

-- One row for an attempt that failed, known by the token of its claim; token 0 for why a job is held, which is no attempt.
CREATE TABLE {schema}.job_failure (
    tenant_id       uuid NOT NULL,
    id              uuid NOT NULL,
    token           bigint NOT NULL,
    attempt         int NOT NULL,
    at              timestamptz NOT NULL,
    error           text NOT NULL,
    started_at      timestamptz,
    duration_ms     double precision,
    PRIMARY KEY (tenant_id, id, token)
) PARTITION BY RANGE (id);

CREATE TABLE {schema}.job_other PARTITION OF {schema}.job DEFAULT;
CREATE TABLE {schema}.job_end_other PARTITION OF {schema}.job_end DEFAULT;
CREATE TABLE {schema}.job_failure_other PARTITION OF {schema}.job_failure DEFAULT;

-- Where a day of jobs is over, and which jobs outlive it, is looked for across tenants.
CREATE INDEX dead_letter_job ON {schema}.dead_letter (job_id);
CREATE INDEX dead_letter_died ON {schema}.dead_letter (died_at);
CREATE INDEX job_end_other_finished ON {schema}.job_end_other (finished_at);

DO $$
DECLARE
    name text;
    day date;
    low text;
    high text;
BEGIN
    -- The other partitions are swept by name; the days are only reached through their tables.
    FOREACH name IN ARRAY ARRAY['job', 'job_end', 'job_failure', 'job_other', 'job_end_other', 'job_failure_other'] LOOP
        EXECUTE format('ALTER TABLE {schema}.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
        EXECUTE format($p$CREATE POLICY tenant ON {schema}.%I USING (
            tenant_id = (SELECT NULLIF(current_setting('platform.tenant', true), '')::uuid)
            OR (SELECT current_setting('platform.scope', true) = 'system'))$p$, name);
    END LOOP;

    -- The days of what is there.
    FOR day IN SELECT DISTINCT (created_at AT TIME ZONE 'UTC')::date FROM {schema}.job_before
        WHERE created_at BETWEEN now() - interval '60 days' AND now() + interval '1 day' ORDER BY 1
    LOOP
        SELECT lpad(to_hex((extract(epoch FROM day)::bigint) * 1000), 12, '0'), lpad(to_hex((extract(epoch FROM day + 1)::bigint) * 1000), 12, '0') INTO low, high;
        FOREACH name IN ARRAY ARRAY['job', 'job_end', 'job_failure'] LOOP
            EXECUTE format('CREATE TABLE {schema}.%I PARTITION OF {schema}.%I FOR VALUES FROM (%L) TO (%L)', name || '_' || to_char(day, 'YYYYMMDD'), name,
                left(low, 8) || '-' || right(low, 4) || '-0000-0000-000000000000', left(high, 8) || '-' || right(high, 4) || '-0000-0000-000000000000');
            EXECUTE format('ALTER TABLE {schema}.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name || '_' || to_char(day, 'YYYYMMDD'));
        END LOOP;
    END LOOP;
END $$;

INSERT INTO {schema}.job (tenant_id, id, queue, type, payload, priority, max_attempts, timeout_seconds, unique_key, trigger_id, trace_parent,
    run_at, created_at, named, schedule_id, workflow_id, step, submitted_by)
SELECT tenant_id, id, queue, type, payload, priority, max_attempts, timeout_seconds, unique_key, trigger_id, trace_parent,
    run_at, created_at, named, schedule_id, workflow_id, step, submitted_by
FROM {schema}.job_before;

INSERT INTO {schema}.job_end (tenant_id, id, outcome, attempt, result, error, started_at, finished_at, duration_ms)
SELECT tenant_id, id, outcome, attempt, result, error, started_at, coalesce(finished_at, now()), duration_ms
FROM {schema}.job_before WHERE outcome IS NOT NULL;

-- Failures had no token: they are counted downwards. The last one knows when it began, as the job did.
INSERT INTO {schema}.job_failure (tenant_id, id, token, attempt, at, error, started_at, duration_ms)
SELECT j.tenant_id, j.id, -f.n, (f.entry->>'attempt')::int, (f.entry->>'at')::timestamptz, f.entry->>'error',
    CASE WHEN f.n = jsonb_array_length(j.errors) THEN j.started_at END, CASE WHEN f.n = jsonb_array_length(j.errors) THEN j.duration_ms END
FROM {schema}.job_before j, jsonb_array_elements(j.errors) WITH ORDINALITY AS f(entry, n);

-- Jobs that are held.
INSERT INTO {schema}.job_failure (tenant_id, id, token, attempt, at, error)
SELECT tenant_id, id, 0, attempt, now(), error FROM {schema}.job_before
WHERE outcome IS NULL AND error IS NOT NULL AND error IS DISTINCT FROM errors->-1->>'error';

DROP TABLE {schema}.job_before;
