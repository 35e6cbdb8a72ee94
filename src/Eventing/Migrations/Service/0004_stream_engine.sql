-- Offsets belong to a stream, and a group may move from one engine to another: each keeps its own, so that moving on, and moving back,
-- goes on where the group left off there.
ALTER TABLE {schema}.consumer_offset ADD COLUMN engine text NOT NULL DEFAULT 'postgresql';
ALTER TABLE {schema}.consumer_offset DROP CONSTRAINT consumer_offset_pkey, ADD PRIMARY KEY (consumer_group, engine, topic, partition);
ALTER TABLE {schema}.parked_event ADD COLUMN engine text NOT NULL DEFAULT 'postgresql';
ALTER TABLE {schema}.parked_event DROP CONSTRAINT parked_event_pkey, ADD PRIMARY KEY (consumer_group, engine, topic, partition, stream_offset);
