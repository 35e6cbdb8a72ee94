-- Jobs whose id the submitter chose. Work is known by its id alone while it runs, so a chosen id is one tenant's only; the ids that
-- Processing draws itself need no index for that.
ALTER TABLE {schema}.job ADD COLUMN named boolean NOT NULL DEFAULT false;
CREATE UNIQUE INDEX job_named ON {schema}.job (id) WHERE named;
