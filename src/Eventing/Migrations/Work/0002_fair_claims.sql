-- Claims go round lanes: a lane is a tenant, or what a service names within one (an endpoint). The index finds the next lane that has ready
-- work, and a lane's work in order, by one seek each.
UPDATE {schema}.work_item SET lane = '' WHERE lane IS NULL OR lane = replace(tenant_id::text, '-', '');
ALTER TABLE {schema}.work_item ALTER COLUMN lane SET DEFAULT '';
ALTER TABLE {schema}.work_item ALTER COLUMN lane SET NOT NULL;
DROP INDEX {schema}.work_item_ready;
CREATE INDEX work_item_ready ON {schema}.work_item (queue, tenant_id, lane, rank) WHERE state = 1;

-- Work that was taken under a limit, and only that, is counted.
ALTER TABLE {schema}.work_item ADD COLUMN limited boolean NOT NULL DEFAULT false;
CREATE INDEX work_item_limited ON {schema}.work_item (queue, tenant_id) WHERE state = 2 AND limited;

-- What a tenant allows itself in a queue; null for no limit. What the configuration says of the queue holds as well.
CREATE TABLE {schema}.work_limit (
    tenant_id   uuid NOT NULL,
    queue       text NOT NULL,
    concurrency int CHECK (concurrency > 0),
    rate_limit  int CHECK (rate_limit > 0),
    rate_period interval CHECK (rate_period > interval '0'),
    PRIMARY KEY (tenant_id, queue),
    CHECK ((rate_limit IS NULL) = (rate_period IS NULL))
);

-- Rates (GCRA): tat is when all that was started would have been started one after the other, free_at when the next may start. The nil
-- tenant stands for all of them.
CREATE TABLE {schema}.work_rate (
    tenant_id   uuid NOT NULL,
    queue       text NOT NULL,
    tat         timestamptz NOT NULL,
    free_at     timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, queue)
) WITH (fillfactor = 50);

ALTER TABLE {schema}.work_limit ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.work_limit FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {schema}.work_limit USING (
    tenant_id = (SELECT NULLIF(current_setting('platform.tenant', true), '')::uuid)
    OR (SELECT current_setting('platform.scope', true) = 'system'));
ALTER TABLE {schema}.work_rate ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.work_rate FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {schema}.work_rate USING (
    tenant_id = (SELECT NULLIF(current_setting('platform.tenant', true), '')::uuid)
    OR (SELECT current_setting('platform.scope', true) = 'system'));
