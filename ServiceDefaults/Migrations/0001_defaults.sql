-- What every service's schema holds for its requests.

-- Answers of writes that carried an Idempotency-Key, stored in the transaction of their effect and kept for 24 hours. A twin
-- that arrives while the first is running waits on this primary key. An unfinished row is never visible: it commits with the effect.
CREATE TABLE {schema}.idempotency (
    tenant_id   uuid NOT NULL,
    route       text NOT NULL,
    key         text NOT NULL,
    fingerprint bytea NOT NULL,
    status      smallint NOT NULL,
    headers     text NOT NULL,
    body        bytea NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT idempotency_pkey PRIMARY KEY (tenant_id, route, key)
) WITH (fillfactor = 90);
CREATE INDEX idempotency_created_at ON {schema}.idempotency USING brin (created_at) WITH (pages_per_range = 32);

ALTER TABLE {schema}.idempotency ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.idempotency FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {schema}.idempotency USING (
    tenant_id = (SELECT NULLIF(current_setting('platform.tenant', true), '')::uuid)
    OR (SELECT current_setting('platform.scope', true) = 'system'));
