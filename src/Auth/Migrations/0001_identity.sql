-- Organizations are the tenants: tenant_id is the organization's id everywhere.
CREATE TABLE {schema}.organization (
    tenant_id   uuid PRIMARY KEY,
    slug        text NOT NULL,
    name        text NOT NULL,
    created_at  timestamptz NOT NULL
);
CREATE UNIQUE INDEX organization_slug ON {schema}.organization (slug);

-- API keys. secret_hash is the SHA-256 of the whole text, which holds 256 random bits and is stored nowhere.
-- published_at: when the key's state last went out as api_key.changed.
CREATE TABLE {schema}.api_key (
    tenant_id    uuid NOT NULL,
    id           uuid NOT NULL,
    name         text NOT NULL,
    role         text NOT NULL,
    scopes       text[] NOT NULL,
    rate_limit   int,
    hint         text NOT NULL,
    secret_hash  bytea NOT NULL,
    created_by   text,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz,
    revoked_at   timestamptz,
    version      bigint NOT NULL,
    published_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX api_key_published ON {schema}.api_key (published_at) WHERE revoked_at IS NULL;

ALTER TABLE {schema}.organization ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.organization FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {schema}.organization USING (
    tenant_id = (SELECT NULLIF(current_setting('platform.tenant', true), '')::uuid)
    OR (SELECT current_setting('platform.scope', true) = 'system'));
ALTER TABLE {schema}.api_key ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.api_key FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {schema}.api_key USING (
    tenant_id = (SELECT NULLIF(current_setting('platform.tenant', true), '')::uuid)
    OR (SELECT current_setting('platform.scope', true) = 'system'));
