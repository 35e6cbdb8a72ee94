-- Work that waits or runs: a thin row an item, deleted when it is finished. What the work is and what became of it stands in
-- the service's own tables. state: 0 waits for run_at, 1 ready, 2 held by a worker until lease_until.
-- rank is the order in which ready work is taken: run_at, moved forward by priority. An item of low priority is overtaken only by
-- items that are not too much younger, so nothing starves.
CREATE TABLE {schema}.work_item (
    tenant_id   uuid NOT NULL,
    id          uuid NOT NULL,
    queue       text NOT NULL,
    lane        text,
    priority    smallint NOT NULL,
    state       smallint NOT NULL,
    attempt     int NOT NULL DEFAULT 0,
    rank        timestamptz NOT NULL,
    run_at      timestamptz NOT NULL,
    lease_until timestamptz,
    token       bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, id)
) WITH (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX work_item_ready ON {schema}.work_item (queue, rank) WHERE state = 1;
CREATE INDEX work_item_waiting ON {schema}.work_item (run_at) WHERE state = 0;
CREATE INDEX work_item_held ON {schema}.work_item (lease_until) WHERE state = 2;

-- Queues that a tenant has paused: its work there is not taken.
CREATE TABLE {schema}.work_pause (
    tenant_id   uuid NOT NULL,
    queue       text NOT NULL,
    paused_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, queue)
);

ALTER TABLE {schema}.work_item ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.work_item FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {schema}.work_item USING (
    tenant_id = (SELECT NULLIF(current_setting('platform.tenant', true), '')::uuid)
    OR (SELECT current_setting('platform.scope', true) = 'system'));
ALTER TABLE {schema}.work_pause ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.work_pause FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {schema}.work_pause USING (
    tenant_id = (SELECT NULLIF(current_setting('platform.tenant', true), '')::uuid)
    OR (SELECT current_setting('platform.scope', true) = 'system'));
