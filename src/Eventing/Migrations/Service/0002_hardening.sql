-- When the oldest day of a partitioned table was last dropped, so that a clock that jumps ahead cannot take all days at once.
CREATE TABLE {schema}.partition_drop (
    table_name  text PRIMARY KEY,
    dropped_at  timestamptz NOT NULL
);

-- An id that is no UUIDv7 of a day near today lies in inbox_other and says nothing of when it came.
ALTER TABLE {schema}.inbox ADD COLUMN seen_at timestamptz NOT NULL DEFAULT now();

-- These tables are the platform's own. Requests add to the outbox and do nothing else with any of them; no policy looks at a row,
-- so that neither a request's insert nor the relay's reading pays for it.
DO $$ DECLARE name text; part regclass; BEGIN
    FOREACH name IN ARRAY ARRAY['outbox', 'relay_leader', 'consumer_offset', 'inbox', 'parked_event', 'dead_event', 'partition_drop', 'migration'] LOOP
        EXECUTE format('ALTER TABLE {schema}.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY system ON {schema}.%I USING ((SELECT current_setting(''platform.scope'', true) = ''system''))', name);
    END LOOP;
    FOR part IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = '{schema}.inbox'::regclass LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', part);
    END LOOP;
END $$;
CREATE POLICY append ON {schema}.outbox FOR INSERT WITH CHECK (true);
