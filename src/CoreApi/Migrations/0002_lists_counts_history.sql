-- Writers wait while this runs, readers do not: everything that grows with the number of rows comes first, the changes of the table
-- itself, which touch no row, last.
LOCK TABLE {schema}.resource IN SHARE ROW EXCLUSIVE MODE;

-- Lists by time of change. It costs a create one more index entry, and a change its heap-only update.
CREATE INDEX resource_updated ON {schema}.resource (tenant_id, updated_at, id);

-- Deleted resources: those of a tenant, and whose time is up. Partial, so that the living pay nothing.
CREATE INDEX resource_deleted ON {schema}.resource (tenant_id, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX resource_purge ON {schema}.resource (deleted_at) WHERE deleted_at IS NOT NULL;

-- Labels as rows. Row-level security lets PostgreSQL use an index only through operators that are leakproof: jsonb's @> is not, so the
-- index on labels was never used for a caller; equality of text is. Order by id within a label: a page reads what it shows.
CREATE TABLE {schema}.resource_label (
    tenant_id   uuid NOT NULL,
    name        text NOT NULL,
    value       text NOT NULL,
    id          uuid NOT NULL,
    PRIMARY KEY (tenant_id, name, value, id)
);
INSERT INTO {schema}.resource_label (tenant_id, name, value, id)
SELECT tenant_id, key, value, id FROM {schema}.resource, jsonb_each_text(labels) WHERE labels <> '{}' ORDER BY 1, 2, 3, 4;

-- By triggers, so that whoever writes a resource keeps them, an instance of the version before included. Without labels none fires.
CREATE FUNCTION {schema}.keep_resource_labels() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM {schema}.resource_label l USING jsonb_each_text(OLD.labels) o
        WHERE l.tenant_id = OLD.tenant_id AND l.name = o.key AND l.value = o.value AND l.id = OLD.id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO {schema}.resource_label (tenant_id, name, value, id)
        SELECT NEW.tenant_id, key, value, NEW.id FROM jsonb_each_text(NEW.labels);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER labels_created AFTER INSERT ON {schema}.resource
    FOR EACH ROW WHEN (NEW.labels <> '{}') EXECUTE FUNCTION {schema}.keep_resource_labels();
CREATE TRIGGER labels_changed AFTER UPDATE OF labels ON {schema}.resource
    FOR EACH ROW WHEN (OLD.labels <> NEW.labels) EXECUTE FUNCTION {schema}.keep_resource_labels();
CREATE TRIGGER labels_purged AFTER DELETE ON {schema}.resource
    FOR EACH ROW WHEN (OLD.labels <> '{}') EXECUTE FUNCTION {schema}.keep_resource_labels();

-- How many living resources: what was folded, plus what was not yet. Whoever writes only adds a row; nobody waits for a lock.
CREATE TABLE {schema}.resource_count (
    tenant_id   uuid NOT NULL,
    type        text NOT NULL,
    count       bigint NOT NULL,
    PRIMARY KEY (tenant_id, type)
) WITH (fillfactor = 50);
CREATE TABLE {schema}.resource_count_delta (
    tenant_id   uuid NOT NULL,
    type        text NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    delta       bigint NOT NULL,
    PRIMARY KEY (tenant_id, type, id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_insert_threshold = -1);
INSERT INTO {schema}.resource_count (tenant_id, type, count)
SELECT tenant_id, type, count(*) FROM {schema}.resource WHERE deleted_at IS NULL GROUP BY tenant_id, type;

ALTER TABLE {schema}.resource_label ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.resource_label FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {schema}.resource_label USING (
    tenant_id = (SELECT NULLIF(current_setting('platform.tenant', true), '')::uuid)
    OR (SELECT current_setting('platform.scope', true) = 'system'));
ALTER TABLE {schema}.resource_count ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.resource_count FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {schema}.resource_count USING (
    tenant_id = (SELECT NULLIF(current_setting('platform.tenant', true), '')::uuid)
    OR (SELECT current_setting('platform.scope', true) = 'system'));
ALTER TABLE {schema}.resource_count_delta ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.resource_count_delta FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {schema}.resource_count_delta USING (
    tenant_id = (SELECT NULLIF(current_setting('platform.tenant', true), '')::uuid)
    OR (SELECT current_setting('platform.scope', true) = 'system'));

DROP INDEX {schema}.resource_labels;

-- What kind of change made the version. NULL where it follows from the row: a first version was created, one with deleted_at is a
-- deletion; of other versions from before this column nobody wrote down whether they were replaced or patched.
ALTER TABLE {schema}.resource ADD COLUMN change text;
ALTER TABLE {schema}.resource_history ADD COLUMN change text;
