-- Offsets belong to a stream, and a group may move from one engine to another: each keeps its own, so that moving on, and moving back,
-- goes on where the group left off there.
ALTER TABLE {schema}.consumer_offset ADD COLUMN engine text NOT NULL DEFAULT 'postgresql';
ALTER TABLE {schema}.consumer_offset DROP CONSTRAINT consumer_offset_pkey, ADD PRIMARY KEY (consumer_group, engine, topic, partition);
ALTER TABLE {schema}.parked_event ADD COLUMN engine text NOT NULL DEFAULT 'postgresql';
ALTER TABLE {schema}.parked_event DROP CONSTRAINT parked_event_pkey, ADD PRIMARY KEY (consumer_group, engine, topic, partition, stream_offset);

-- Which engine a group reads, one row a move: an era that is over is read up to where its engine's heads stood when the next began, before
-- anything of the next one. until: {"topic": {"partition": next offset}}; null while the era lasts.
CREATE TABLE {schema}.stream_era (
    consumer_group  text NOT NULL,
    number          int NOT NULL,
    engine          text NOT NULL,
    until           jsonb,
    began_at        timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer_group, number)
);
