-- When the oldest day of a topic was last dropped, so that a clock that jumps ahead cannot take all days at once.
CREATE TABLE {schema}.partition_drop (
    table_name  text PRIMARY KEY,
    dropped_at  timestamptz NOT NULL
);
