-- The API keys as this service knows them: its own copy, built from api_key.changed, so that no request waits for another service.
-- Only hashes of 256-bit random secrets; nothing here lets anybody in.
CREATE TABLE {schema}.known_key (
    tenant_id   uuid NOT NULL,
    key_id      uuid NOT NULL,
    hash        bytea NOT NULL,
    role        text NOT NULL,
    scopes      text[] NOT NULL,
    rate_limit  int,
    expires_at  timestamptz,
    revoked_at  timestamptz,
    version     bigint NOT NULL,
    PRIMARY KEY (tenant_id, key_id)
);
-- A request names the key before anybody knows its tenant.
CREATE UNIQUE INDEX known_key_id ON {schema}.known_key (key_id);

ALTER TABLE {schema}.known_key ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.known_key FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {schema}.known_key USING (
    tenant_id = (SELECT NULLIF(current_setting('platform.tenant', true), '')::uuid)
    OR (SELECT current_setting('platform.scope', true) = 'system'));
