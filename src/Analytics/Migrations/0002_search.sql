-- Search documents. Every lexeme in "terms" begins with the tenant's tag, so one GIN index serves words, prefixes, types and
-- labels of one tenant, reads no other tenant's postings, and a query that forgets the tenant cannot match another's.
CREATE TABLE {schema}.search_resource (
    tenant_id   uuid NOT NULL,
    id          uuid NOT NULL,
    version     bigint NOT NULL,
    type        text NOT NULL,
    labels      jsonb NOT NULL,
    source      text STORAGE EXTENDED,
    body        text STORAGE EXTENDED NOT NULL,
    terms       tsvector STORAGE MAIN NOT NULL,
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    -- A deleted resource leaves its version behind, so that a late copy of an older event cannot bring it back.
    deleted_at  timestamptz,
    PRIMARY KEY (tenant_id, id)
) WITH (toast_tuple_target = 512);
CREATE INDEX search_resource_terms ON {schema}.search_resource USING gin (terms) WITH (gin_pending_list_limit = 1024);
CREATE INDEX search_resource_recent ON {schema}.search_resource (tenant_id, updated_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX search_resource_deleted ON {schema}.search_resource (deleted_at) WHERE deleted_at IS NOT NULL;

-- Event ids are UUIDv7: a range of ids is a day, and old days are dropped whole.
CREATE TABLE {schema}.search_event (
    tenant_id   uuid NOT NULL,
    id          uuid NOT NULL,
    type        text NOT NULL,
    subject     text NOT NULL,
    labels      jsonb NOT NULL,
    source      text STORAGE EXTENDED,
    body        text STORAGE EXTENDED NOT NULL,
    terms       tsvector STORAGE MAIN NOT NULL,
    occurred_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
) PARTITION BY RANGE (id);
CREATE TABLE {schema}.search_event_other PARTITION OF {schema}.search_event DEFAULT;
CREATE INDEX search_event_terms ON {schema}.search_event USING gin (terms) WITH (gin_pending_list_limit = 1024);
CREATE INDEX search_event_recent ON {schema}.search_event (tenant_id, occurred_at DESC, id DESC);

-- Words, types and labels that documents had: what is suggested, and what a misspelt word may have meant.
CREATE TABLE {schema}.search_word (
    tenant_id   uuid NOT NULL,
    kind        text COLLATE "C" NOT NULL,
    word        text COLLATE "C" NOT NULL,
    checked_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, kind, word)
);
CREATE INDEX search_word_checked_at ON {schema}.search_word (checked_at);

ALTER TABLE {schema}.search_resource ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.search_resource FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {schema}.search_resource USING (
    tenant_id = (SELECT NULLIF(current_setting('platform.tenant', true), '')::uuid)
    OR (SELECT current_setting('platform.scope', true) = 'system'));

-- Partitions are reached through their parent, whose policy then holds. A partition has no policy of its own, so whoever
-- asks it directly sees nothing.
ALTER TABLE {schema}.search_event ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.search_event FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {schema}.search_event USING (
    tenant_id = (SELECT NULLIF(current_setting('platform.tenant', true), '')::uuid)
    OR (SELECT current_setting('platform.scope', true) = 'system'));

ALTER TABLE {schema}.search_event_other ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.search_event_other FORCE ROW LEVEL SECURITY;

ALTER TABLE {schema}.search_word ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.search_word FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {schema}.search_word USING (
    tenant_id = (SELECT NULLIF(current_setting('platform.tenant', true), '')::uuid)
    OR (SELECT current_setting('platform.scope', true) = 'system'));
