-- What the suite itself keeps: which run exported what last, and the history of every data set.
CREATE TABLE pipeline.export_fence (
    target text PRIMARY KEY,
    run_id text NOT NULL,
    started_at timestamp with time zone NOT NULL,
    exported_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE pipeline.export_fence IS 'The newest run that exported each table; an older run is refused.';

CREATE TABLE pipeline.dataset_version (
    batch_id text NOT NULL,
    dataset text NOT NULL,
    stream_batch bigint,
    source_offsets text,
    received_at timestamp with time zone,
    committed_at timestamp with time zone,
    rows_read bigint NOT NULL DEFAULT 0,
    rows_written bigint NOT NULL DEFAULT 0,
    rows_quarantined bigint NOT NULL DEFAULT 0,
    rows_duplicate bigint NOT NULL DEFAULT 0,
    size_bytes bigint,
    table_name text,
    table_version bigint,
    checksum text,
    status text NOT NULL,
    reason text,
    CONSTRAINT dataset_version_key UNIQUE NULLS NOT DISTINCT (batch_id)
);
COMMENT ON TABLE pipeline.dataset_version IS 'One row a batch, mirrored from the lake''s table batches.';
CREATE INDEX dataset_version_by_dataset ON pipeline.dataset_version (dataset, committed_at);
CREATE INDEX dataset_version_by_table ON pipeline.dataset_version (table_name, table_version);
