-- What an attempt looked like on the wire. Null in rows from before, and where a step was not reached or a kept connection spared it.
-- trigger: event, retry, redeliver, replay or test.
ALTER TABLE {schema}.attempt
    ADD COLUMN request_headers text,
    ADD COLUMN trigger text,
    ADD COLUMN dns_ms double precision,
    ADD COLUMN connect_ms double precision,
    ADD COLUMN tls_ms double precision,
    ADD COLUMN first_byte_ms double precision,
    ADD COLUMN connection_reused boolean;

-- Why the next attempt is made.
ALTER TABLE {schema}.delivery ADD COLUMN trigger text NOT NULL DEFAULT 'event';

-- Past events that are to be sent again, in the background and bit by bit. The cursor moves in the transaction that queues the deliveries.
-- source: messages (in the order of their ids: after_id) or deliveries (after_endpoint, after_id). state: running, finished, cancelled,
-- or failed with a reason.
CREATE TABLE {schema}.replay (
    tenant_id       uuid NOT NULL,
    id              uuid NOT NULL,
    endpoint_id     uuid,
    source          text NOT NULL,
    since           timestamptz,
    until           timestamptz NOT NULL,
    only_failed     boolean NOT NULL DEFAULT false,
    only_missing    boolean NOT NULL DEFAULT false,
    event_types     text[],
    delivery_state  text,
    error           text,
    state           text NOT NULL DEFAULT 'running',
    reason          text,
    scanned         bigint NOT NULL DEFAULT 0,
    queued          bigint NOT NULL DEFAULT 0,
    after_endpoint  uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    after_id        uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    -- Of the last bit: the next one comes when most of these have been tried.
    in_flight       uuid[] NOT NULL DEFAULT '{}',
    next_at         timestamptz NOT NULL DEFAULT now(),
    created_at      timestamptz NOT NULL,
    finished_at     timestamptz,
    PRIMARY KEY (tenant_id, id)
) WITH (fillfactor = 50);
CREATE INDEX replay_due ON {schema}.replay (next_at) WHERE state = 'running';

ALTER TABLE {schema}.replay ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.replay FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {schema}.replay USING (
    tenant_id = (SELECT NULLIF(current_setting('platform.tenant', true), '')::uuid)
    OR (SELECT current_setting('platform.scope', true) = 'system'));
