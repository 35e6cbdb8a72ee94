-- A trigger starts a job or a workflow, and may listen to the events of some jobs alone.
ALTER TABLE {schema}.trigger
    ALTER COLUMN job_type DROP NOT NULL,
    ALTER COLUMN queue DROP NOT NULL,
    ALTER COLUMN payload DROP NOT NULL,
    ALTER COLUMN priority DROP NOT NULL,
    ALTER COLUMN timeout_seconds DROP NOT NULL,
    ALTER COLUMN max_attempts DROP NOT NULL,
    ADD COLUMN workflow json,
    ADD COLUMN about_type text,
    ADD COLUMN about_queue text,
    ADD CONSTRAINT trigger_starts_one CHECK (num_nonnulls(job_type, workflow) = 1),
    ADD CONSTRAINT trigger_job_whole CHECK (num_nulls(job_type, queue, payload, priority, timeout_seconds, max_attempts) IN (0, 6));

-- What a trigger started, and how many triggers in a row lie behind it: the events of the workflow's jobs are as deep as the workflow.
ALTER TABLE {schema}.workflow
    ADD COLUMN trigger_id uuid,
    ADD COLUMN trigger_depth smallint,
    ADD CONSTRAINT workflow_depth CHECK ((trigger_id IS NULL) = (trigger_depth IS NULL));
