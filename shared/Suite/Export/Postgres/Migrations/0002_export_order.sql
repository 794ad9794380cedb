-- The order of exports: by the version of the table that was read, and by a number that a run takes before it reads. Clocks of machines differ.
CREATE TABLE pipeline.export_sequence (
    is_only_row boolean PRIMARY KEY DEFAULT true CHECK (is_only_row),
    last_number bigint NOT NULL
);
INSERT INTO pipeline.export_sequence (last_number) VALUES (0);
COMMENT ON TABLE pipeline.export_sequence IS 'One row: the number of the last run that began an export.';

ALTER TABLE pipeline.export_fence ADD COLUMN source_table text, ADD COLUMN table_version bigint, ADD COLUMN sequence bigint;
COMMENT ON COLUMN pipeline.export_fence.source_table IS 'Id of the Delta table that was read.';
COMMENT ON COLUMN pipeline.export_fence.table_version IS 'Its version.';
COMMENT ON COLUMN pipeline.export_fence.sequence IS 'Number that the run took before it read; null where an earlier release exported.';
COMMENT ON COLUMN pipeline.export_fence.started_at IS 'By the clock of the machine that exported; for people.';
COMMENT ON TABLE pipeline.export_fence IS 'What each table was last exported from; a run that read an older version of the same table, or began earlier, is refused.';
