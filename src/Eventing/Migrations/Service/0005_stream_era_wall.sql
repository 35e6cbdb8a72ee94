-- As the other tables of the platform's own: not for requests.
ALTER TABLE {schema}.stream_era ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON {schema}.stream_era USING ((SELECT current_setting('platform.scope', true) = 'system'));
