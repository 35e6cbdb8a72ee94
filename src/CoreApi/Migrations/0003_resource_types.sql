-- What a tenant says about a type: the schema that data of this type must meet. A type needs no row to be used.
CREATE TABLE {schema}.type_definition (
    tenant_id   uuid NOT NULL,
    type        text NOT NULL,
    schema      json,
    description text,
    version     bigint NOT NULL,
    revision    bigint NOT NULL,
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    updated_by  text NOT NULL,
    PRIMARY KEY (tenant_id, type)
);
ALTER TABLE {schema}.type_definition ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.type_definition FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {schema}.type_definition USING (
    tenant_id = (SELECT NULLIF(current_setting('platform.tenant', true), '')::uuid)
    OR (SELECT current_setting('platform.scope', true) = 'system'));

-- Moves with every change of any type: one row that each instance looks at several times a second. It says nothing about a tenant.
CREATE TABLE {schema}.type_epoch (
    only_row    boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    epoch       bigint NOT NULL
);
INSERT INTO {schema}.type_epoch (epoch) VALUES (0);
