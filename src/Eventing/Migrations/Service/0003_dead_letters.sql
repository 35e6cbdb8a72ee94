-- An event dies by its place in the stream: the same event may be there twice, and each place is given up by itself. (Another
-- stream engine numbers its places anew.) The letter's
-- id and the count of deaths stay with it when it is redriven, so that whoever keeps a list of letters knows it again.
ALTER TABLE {schema}.dead_event
    ADD COLUMN engine text NOT NULL DEFAULT 'postgresql',
    ADD COLUMN letter_id uuid NOT NULL DEFAULT gen_random_uuid(),
    ADD COLUMN deaths int NOT NULL DEFAULT 1,
    DROP CONSTRAINT dead_event_pkey,
    ADD PRIMARY KEY (consumer_group, engine, topic, partition, stream_offset);
CREATE UNIQUE INDEX dead_event_letter ON {schema}.dead_event (letter_id);

-- attempts counts since the event was parked and decides on its end; tried is how often its handler ran in all.
ALTER TABLE {schema}.parked_event
    ADD COLUMN tried int NOT NULL DEFAULT 0,
    ADD COLUMN letter_id uuid,
    ADD COLUMN deaths int NOT NULL DEFAULT 0;
