-- A file; its content is an object in the store, under a key of its own that is never used again. A row exists only while its object does.
CREATE TABLE {schema}.file (
    tenant_id     uuid NOT NULL,
    id            uuid NOT NULL,
    object_key    uuid NOT NULL,
    name          text NOT NULL,
    content_type  text NOT NULL,
    size          bigint NOT NULL,
    sha256        bytea NOT NULL,
    labels        jsonb NOT NULL,
    created_at    timestamptz NOT NULL,
    created_by    text NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX file_labels ON {schema}.file USING gin (labels jsonb_path_ops) WHERE labels <> '{}';

-- Objects that are to be removed from the store: written before an upload's first byte and taken back by the transaction that inserts its file,
-- and written by the transaction that deletes a file. So the database knows every object, and no object is removed that it does not know.
-- Once removing is set the object is as good as gone: an upload that comes to its end then must not commit.
CREATE TABLE {schema}.object_removal (
    tenant_id     uuid NOT NULL,
    object_key    uuid NOT NULL,
    remove_after  timestamptz NOT NULL,
    is_orphan     boolean NOT NULL,
    removing      boolean NOT NULL DEFAULT false,
    PRIMARY KEY (tenant_id, object_key)
);
CREATE INDEX object_removal_due ON {schema}.object_removal (remove_after);

-- What an organization stores, changed with its files: a quota costs no sum over them.
CREATE TABLE {schema}.file_usage (
    tenant_id     uuid PRIMARY KEY,
    bytes         bigint NOT NULL,
    files         bigint NOT NULL
);

-- Signs links to files; made once, by whichever instance starts first.
CREATE TABLE {schema}.file_link_secret (
    id            smallint PRIMARY KEY CHECK (id = 1),
    secret        bytea NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now()
);

ALTER TABLE {schema}.file ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.file FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {schema}.file USING (
    tenant_id = (SELECT NULLIF(current_setting('platform.tenant', true), '')::uuid)
    OR (SELECT current_setting('platform.scope', true) = 'system'));
ALTER TABLE {schema}.object_removal ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.object_removal FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {schema}.object_removal USING (
    tenant_id = (SELECT NULLIF(current_setting('platform.tenant', true), '')::uuid)
    OR (SELECT current_setting('platform.scope', true) = 'system'));
ALTER TABLE {schema}.file_usage ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.file_usage FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {schema}.file_usage USING (
    tenant_id = (SELECT NULLIF(current_setting('platform.tenant', true), '')::uuid)
    OR (SELECT current_setting('platform.scope', true) = 'system'));
ALTER TABLE {schema}.file_link_secret ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.file_link_secret FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON {schema}.file_link_secret USING ((SELECT current_setting('platform.scope', true) = 'system'));
