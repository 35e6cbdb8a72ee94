-- What every service's schema holds so that its events leave it and other services' events enter it.

-- Events that were committed and not yet published. The position is drawn after the aggregate's row is locked, so that
-- order by position is right for each key; rows are deleted once the stream has them.
CREATE TABLE {schema}.outbox (
    position    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic       text NOT NULL,
    partition   int NOT NULL,
    key         text NOT NULL,
    id          uuid NOT NULL,
    headers     json NOT NULL,
    payload     bytea NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now()
) WITH (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);

-- Fencing of the relay: a leader that lost its lock finds another epoch here and publishes nothing more.
CREATE TABLE {schema}.relay_leader (
    singleton   boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    epoch       bigint NOT NULL,
    instance    text NOT NULL,
    since       timestamptz NOT NULL DEFAULT now()
);
INSERT INTO {schema}.relay_leader (epoch, instance) VALUES (0, '');

-- How far a consumer group has come, kept with the effects. The epoch grows with each change of owner: a batch that began
-- under an older epoch cannot commit.
CREATE TABLE {schema}.consumer_offset (
    consumer_group  text NOT NULL,
    topic           text NOT NULL,
    partition       int NOT NULL,
    next_offset     bigint NOT NULL DEFAULT 0,
    epoch           bigint NOT NULL DEFAULT 0,
    owner           text NOT NULL DEFAULT '',
    updated_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer_group, topic, partition)
) WITH (fillfactor = 50);

-- Events whose effects are committed here, to drop duplicates. Event ids are UUIDv7, so a range of ids is a range of time:
-- a duplicate always meets the partition of its first arrival, and old days are dropped whole.
CREATE TABLE {schema}.inbox (
    event_id        uuid NOT NULL,
    consumer_group  text NOT NULL,
    PRIMARY KEY (event_id, consumer_group)
) PARTITION BY RANGE (event_id);
CREATE TABLE {schema}.inbox_other PARTITION OF {schema}.inbox DEFAULT;

-- Events whose handler keeps failing, and later events of the same key, which wait behind them.
CREATE TABLE {schema}.parked_event (
    consumer_group  text NOT NULL,
    topic           text NOT NULL,
    partition       int NOT NULL,
    stream_offset   bigint NOT NULL,
    key             text NOT NULL,
    id              uuid NOT NULL,
    headers         json NOT NULL,
    payload         bytea NOT NULL,
    attempts        int NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    last_error      text,
    parked_at       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer_group, topic, partition, stream_offset)
);
CREATE INDEX parked_event_key ON {schema}.parked_event (consumer_group, topic, key, stream_offset);

-- Events that no attempt could handle.
CREATE TABLE {schema}.dead_event (
    id              uuid NOT NULL,
    consumer_group  text NOT NULL,
    topic           text NOT NULL,
    partition       int NOT NULL,
    stream_offset   bigint NOT NULL,
    key             text NOT NULL,
    headers         json NOT NULL,
    payload         bytea NOT NULL,
    attempts        int NOT NULL,
    error           text NOT NULL,
    died_at         timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer_group, id)
);
