-- Where a job comes from, beside triggers: the schedule or the workflow step that started it, and the API key on whose behalf it runs.
ALTER TABLE {schema}.job
    ADD COLUMN schedule_id uuid,
    ADD COLUMN workflow_id uuid,
    ADD COLUMN step text,
    ADD COLUMN submitted_by uuid;
