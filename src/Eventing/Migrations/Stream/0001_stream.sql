-- The event stream on PostgreSQL: Kafka's shape. One message table a topic, made from the topic list at start and
-- partitioned by day; offsets are dense within a partition.
CREATE TABLE {schema}.topic (
    name        text PRIMARY KEY,
    partitions  int NOT NULL
);

-- The next offset of each partition. An append holds the topic's row while it numbers its messages, so offsets become
-- visible in order and a reader with a plain cursor never skips one.
CREATE TABLE {schema}.partition (
    topic       text NOT NULL REFERENCES {schema}.topic,
    partition   int NOT NULL,
    next_offset bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (topic, partition)
) WITH (fillfactor = 20, autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 500);
