-- The event feed: what tenants may read of what happened, numbered 1, 2, 3, ... per tenant. The row of feed_head is bumped before the events
-- are written and stays locked until the commit, so positions become visible in their order and a reader with a plain cursor never skips.
CREATE TABLE {schema}.feed_head (
    tenant_id   uuid PRIMARY KEY,
    position    bigint NOT NULL,
    -- The last position that is no longer kept; raised before its day goes.
    floor       bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);

-- Days are of recorded_at, which is taken while the head is locked: dropping a day takes the lowest positions of every tenant.
CREATE TABLE {schema}.feed_event (
    tenant_id   uuid NOT NULL,
    position    bigint NOT NULL,
    event_id    uuid NOT NULL,
    type        text COLLATE "C" NOT NULL,
    subject     text COLLATE "C" NOT NULL,
    labels      jsonb,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    -- JSON as it came, checked and on one line; nothing here looks into it.
    data        bytea NOT NULL,
    PRIMARY KEY (tenant_id, position, recorded_at)
) PARTITION BY RANGE (recorded_at);
CREATE TABLE {schema}.feed_event_other PARTITION OF {schema}.feed_event DEFAULT;
CREATE INDEX feed_event_id ON {schema}.feed_event (tenant_id, event_id);

ALTER TABLE {schema}.feed_head ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.feed_head FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {schema}.feed_head USING (
    tenant_id = (SELECT NULLIF(current_setting('platform.tenant', true), '')::uuid)
    OR (SELECT current_setting('platform.scope', true) = 'system'));
ALTER TABLE {schema}.feed_event ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.feed_event FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {schema}.feed_event USING (
    tenant_id = (SELECT NULLIF(current_setting('platform.tenant', true), '')::uuid)
    OR (SELECT current_setting('platform.scope', true) = 'system'));

-- Reached through its parent, whose policy then holds; by its own name it shows nothing.
ALTER TABLE {schema}.feed_event_other ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.feed_event_other FORCE ROW LEVEL SECURITY;
