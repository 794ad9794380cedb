-- What the suite itself keeps: which run exported what last, and the history of every data set.
CREATE TABLE pipeline.export_fence (
    target text PRIMARY KEY,
    run_id text NOT NULL,
    started_at timestamp with time zone NOT NULL,
    exported_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE pipeline.export_fence IS 'The newest run that exported each table; an older run is refused.';

-- The columns of the lake's table batches, by the same names.
CREATE TABLE pipeline.dataset_version (
    batch_id text NOT NULL,
    dataset text NOT NULL,
    job text NOT NULL,
    run_id text NOT NULL,
    batch_number bigint,
    source text NOT NULL,
    offsets_from text,
    offsets_until text,
    received_at timestamp with time zone NOT NULL,
    committed_at timestamp with time zone,
    rows_read bigint NOT NULL,
    rows_written bigint NOT NULL,
    rows_quarantined bigint NOT NULL,
    rows_duplicate bigint NOT NULL,
    rows_late bigint NOT NULL,
    size_bytes bigint NOT NULL,
    table_name text NOT NULL,
    table_version bigint,
    checksum text NOT NULL,
    status text NOT NULL,
    reason text,
    CONSTRAINT dataset_version_key UNIQUE (batch_id)
);
COMMENT ON TABLE pipeline.dataset_version IS 'One row a batch, mirrored from the lake''s table batches.';
CREATE INDEX dataset_version_by_dataset ON pipeline.dataset_version (dataset, committed_at);
CREATE INDEX dataset_version_by_table ON pipeline.dataset_version (table_name, table_version);
