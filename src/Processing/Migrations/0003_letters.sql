-- What was given up anywhere else than in this service's queues, as its letters tell: an event by a consumer group of any service.
-- A letter of no organization has the nil tenant. deaths orders what is told of one letter: an older story changes nothing. Rows that
-- are 'gone' remember that for a while.
CREATE TABLE {schema}.letter (
    tenant_id       uuid NOT NULL,
    id              uuid NOT NULL,
    source          text NOT NULL CHECK (source IN ('events', 'webhooks')),
    state           text NOT NULL CHECK (state IN ('dead', 'redriving', 'gone')),
    deaths          int NOT NULL,
    died_at         timestamptz NOT NULL,
    reason          text NOT NULL,
    attempts        int NOT NULL,
    type            text NOT NULL,
    subject         text NOT NULL,
    topic           text,
    partition       int,
    stream_offset   bigint,
    consumer_group  text,
    event_id        uuid,
    exception_type  text,
    headers         text NOT NULL,
    payload         bytea NOT NULL,
    payload_size    int NOT NULL,
    changed_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX letter_newest ON {schema}.letter (tenant_id, died_at, id) WHERE state <> 'gone';
CREATE INDEX letter_gone ON {schema}.letter (changed_at) WHERE state = 'gone';
CREATE INDEX dead_letter_newest ON {schema}.dead_letter (tenant_id, died_at, id);

ALTER TABLE {schema}.letter ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.letter FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {schema}.letter USING (
    tenant_id = (SELECT NULLIF(current_setting('platform.tenant', true), '')::uuid)
    OR (SELECT current_setting('platform.scope', true) = 'system'));
