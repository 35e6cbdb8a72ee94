-- The current version of each resource. Ids are UUIDv7: order by id is order of creation.
-- data is json, not jsonb: it is given back as it came, field order included, and never searched here.
CREATE TABLE {schema}.resource (
    tenant_id   uuid NOT NULL,
    id          uuid NOT NULL,
    type        text NOT NULL,
    data        json NOT NULL,
    labels      jsonb NOT NULL,
    version     bigint NOT NULL,
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    updated_by  text NOT NULL,
    deleted_at  timestamptz,
    PRIMARY KEY (tenant_id, id)
) WITH (fillfactor = 90);
CREATE INDEX resource_type ON {schema}.resource (tenant_id, type, id);
CREATE INDEX resource_labels ON {schema}.resource USING gin (labels jsonb_path_ops) WHERE labels <> '{}';

-- Earlier versions; the current one is in resource. A resource that never changed has no rows here.
CREATE TABLE {schema}.resource_history (
    tenant_id   uuid NOT NULL,
    id          uuid NOT NULL,
    version     bigint NOT NULL,
    data        json NOT NULL,
    labels      jsonb NOT NULL,
    updated_at  timestamptz NOT NULL,
    updated_by  text NOT NULL,
    PRIMARY KEY (tenant_id, id, version)
);

ALTER TABLE {schema}.resource ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.resource FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {schema}.resource USING (
    tenant_id = (SELECT NULLIF(current_setting('platform.tenant', true), '')::uuid)
    OR (SELECT current_setting('platform.scope', true) = 'system'));
ALTER TABLE {schema}.resource_history ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.resource_history FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {schema}.resource_history USING (
    tenant_id = (SELECT NULLIF(current_setting('platform.tenant', true), '')::uuid)
    OR (SELECT current_setting('platform.scope', true) = 'system'));
