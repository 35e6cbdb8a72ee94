-- What the producers' transactions lock before they draw a position in the outbox.
CREATE TABLE {schema}.aggregate (key text PRIMARY KEY);

-- One row for each event that a group handled, numbered in the order in which it happened.
CREATE TABLE {schema}.effect (
    seq             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    consumer_group  text NOT NULL,
    event_id        uuid NOT NULL,
    key             text NOT NULL,
    n               int NOT NULL
);
