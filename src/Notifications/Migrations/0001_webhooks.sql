-- Where webhooks go. An endpoint's id is a UUIDv7: order by id is order of creation.
CREATE TABLE {schema}.endpoint (
    tenant_id           uuid NOT NULL,
    id                  uuid NOT NULL,
    url                 text NOT NULL,
    event_types         text[] NOT NULL,
    labels              jsonb NOT NULL,
    description         text,
    rate_limit          int,
    headers             jsonb NOT NULL,
    disabled_at         timestamptz,
    disabled_reason     text,
    secret              bytea NOT NULL,
    -- Signs beside the current one until its time is over.
    previous_secret     bytea,
    previous_until      timestamptz,
    version             bigint NOT NULL,
    created_at          timestamptz NOT NULL,
    updated_at          timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
) WITH (fillfactor = 80);

-- An event as it was received, once for all its deliveries; also where no endpoint wanted it, so that the reason can be told.
CREATE TABLE {schema}.message (
    tenant_id   uuid NOT NULL,
    event_id    uuid NOT NULL,
    type        text NOT NULL,
    occurred_at timestamptz NOT NULL,
    data        bytea NOT NULL,
    traceparent text,
    PRIMARY KEY (tenant_id, event_id)
) PARTITION BY RANGE (event_id);
CREATE TABLE {schema}.message_other PARTITION OF {schema}.message DEFAULT;

-- One event for one endpoint. The id is made from both (see DeliveryId) and carries the event's time: the primary key is
-- the proof that an event is delivered to an endpoint once, and old days are dropped whole, with their message and attempts.
-- state: pending, succeeded, failed, or disabled (the endpoint matched but was disabled: nothing is sent, it can be redelivered).
CREATE TABLE {schema}.delivery (
    tenant_id       uuid NOT NULL,
    id              uuid NOT NULL,
    endpoint_id     uuid NOT NULL,
    event_id        uuid NOT NULL,
    state           text NOT NULL,
    reason          text,
    attempts        int NOT NULL DEFAULT 0,
    created_at      timestamptz NOT NULL DEFAULT now(),
    last_attempt_at timestamptz,
    next_attempt_at timestamptz,
    finished_at     timestamptz,
    PRIMARY KEY (tenant_id, id)
) PARTITION BY RANGE (id);
CREATE TABLE {schema}.delivery_other PARTITION OF {schema}.delivery DEFAULT;
CREATE INDEX delivery_endpoint ON {schema}.delivery (tenant_id, endpoint_id, id);
CREATE INDEX delivery_failed ON {schema}.delivery (tenant_id, endpoint_id, id) WHERE state = 'failed';

-- Every attempt: what was asked, what came back, how long it took.
CREATE TABLE {schema}.attempt (
    tenant_id           uuid NOT NULL,
    delivery_id         uuid NOT NULL,
    number              int NOT NULL,
    at                  timestamptz NOT NULL,
    url                 text NOT NULL,
    address             text,
    duration_ms         double precision NOT NULL,
    status              int,
    error               text,
    detail              text,
    response_headers    text,
    response_body       bytea,
    PRIMARY KEY (tenant_id, delivery_id, number)
) PARTITION BY RANGE (delivery_id);
CREATE TABLE {schema}.attempt_other PARTITION OF {schema}.attempt DEFAULT;

ALTER TABLE {schema}.endpoint ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.endpoint FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {schema}.endpoint USING (
    tenant_id = (SELECT NULLIF(current_setting('platform.tenant', true), '')::uuid)
    OR (SELECT current_setting('platform.scope', true) = 'system'));
ALTER TABLE {schema}.message ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.message FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {schema}.message USING (
    tenant_id = (SELECT NULLIF(current_setting('platform.tenant', true), '')::uuid)
    OR (SELECT current_setting('platform.scope', true) = 'system'));
ALTER TABLE {schema}.delivery ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.delivery FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {schema}.delivery USING (
    tenant_id = (SELECT NULLIF(current_setting('platform.tenant', true), '')::uuid)
    OR (SELECT current_setting('platform.scope', true) = 'system'));
ALTER TABLE {schema}.attempt ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.attempt FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {schema}.attempt USING (
    tenant_id = (SELECT NULLIF(current_setting('platform.tenant', true), '')::uuid)
    OR (SELECT current_setting('platform.scope', true) = 'system'));
