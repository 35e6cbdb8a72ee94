-- What a caller decides about an endpoint beyond its address.
ALTER TABLE {schema}.endpoint
    ADD COLUMN filter               json,
    ADD COLUMN timeout_seconds      int,
    ADD COLUMN ordering             text NOT NULL DEFAULT 'none',
    ADD COLUMN payload              text NOT NULL DEFAULT 'full',
    -- What the secret is: v1 (a shared secret) or v1a (the seed of an ed25519 key); the previous one may be of the other kind.
    ADD COLUMN signature            text NOT NULL DEFAULT 'v1',
    ADD COLUMN previous_signature   text NOT NULL DEFAULT 'v1',
    ADD COLUMN public_key           text,

    -- How it is doing, as all processes see it; the version does not count these.
    -- circuit: closed, open (nothing is sent until care_at), half_open (one delivery, probe_id, finds out), recovering (what waits is let go
    -- in steps of twice as many, the last of which was drain).
    ADD COLUMN circuit              text NOT NULL DEFAULT 'closed',
    ADD COLUMN consecutive_failures int NOT NULL DEFAULT 0,
    ADD COLUMN failing_since        timestamptz,
    ADD COLUMN last_success_at      timestamptz,
    ADD COLUMN last_failure_at      timestamptz,
    ADD COLUMN care_at              timestamptz,
    ADD COLUMN probe_id             uuid,
    ADD COLUMN probes               int NOT NULL DEFAULT 0,
    ADD COLUMN drain                int NOT NULL DEFAULT 0,
    ADD COLUMN warned_at            timestamptz,
    -- It was disabled, and the event about it is still to be written.
    ADD COLUMN unannounced          boolean NOT NULL DEFAULT false,
    -- Its rate (GCRA): when all attempts that have been granted would have been made one after the other.
    ADD COLUMN rate_at              timestamptz;
CREATE INDEX endpoint_care ON {schema}.endpoint (care_at) WHERE circuit <> 'closed';
CREATE INDEX endpoint_failing ON {schema}.endpoint (failing_since) WHERE failing_since IS NOT NULL OR unannounced;

-- What an event is about; null for those that came before this was kept.
ALTER TABLE {schema}.message ADD COLUMN subject text;

-- subject and position: its place among those of an endpoint that gets its events in order; aside: a redelivery, which waits for those before it
-- and holds up nobody. A pending delivery is in the queue, or it waits outside and reason says for what: waiting_for_order, circuit_open.
-- tries: attempts that counted before it last left the queue. released: it was let go while its endpoint recovers.
ALTER TABLE {schema}.delivery
    ADD COLUMN subject  text,
    ADD COLUMN position bigint,
    ADD COLUMN aside    boolean NOT NULL DEFAULT false,
    ADD COLUMN tries    int NOT NULL DEFAULT 0,
    ADD COLUMN released boolean NOT NULL DEFAULT false;
CREATE SEQUENCE {schema}.delivery_position;
CREATE INDEX delivery_in_order ON {schema}.delivery (tenant_id, endpoint_id, subject, position) WHERE state = 'pending' AND reason = 'waiting_for_order';
CREATE INDEX delivery_held ON {schema}.delivery (tenant_id, endpoint_id, id) WHERE state = 'pending' AND reason = 'circuit_open';

-- A subject of which something is on its way to an endpoint that gets its events in order. Whoever adds to it or ends one of it locks the row, so
-- that the next one starts exactly once; gone when nothing is left.
CREATE TABLE {schema}.subject_order (
    tenant_id   uuid NOT NULL,
    endpoint_id uuid NOT NULL,
    subject     text NOT NULL,
    head        uuid,
    PRIMARY KEY (tenant_id, endpoint_id, subject)
) WITH (fillfactor = 80);
ALTER TABLE {schema}.subject_order ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.subject_order FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {schema}.subject_order USING (
    tenant_id = (SELECT NULLIF(current_setting('platform.tenant', true), '')::uuid)
    OR (SELECT current_setting('platform.scope', true) = 'system'));
