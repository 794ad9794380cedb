-- Roles with no more rights than they need. Run once by a superuser or the database's owner, in the database of the metrics:
--   psql -d metrics -f roles.sql
-- Then: CREATE ROLE etl LOGIN IN ROLE pipeline_writer; \password etl
-- The first export makes the schemas and tables: run it as a member of pipeline_owner. Later exports need pipeline_writer only.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'pipeline_owner') THEN CREATE ROLE pipeline_owner NOLOGIN; END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'pipeline_writer') THEN CREATE ROLE pipeline_writer NOLOGIN; END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'pipeline_reader') THEN CREATE ROLE pipeline_reader NOLOGIN; END IF;
    EXECUTE format('GRANT CREATE, TEMPORARY ON DATABASE %I TO pipeline_owner', current_database());
    EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO pipeline_writer', current_database());
END
$$;

-- Add a line here for the schema of each data set.
CREATE SCHEMA IF NOT EXISTS pipeline AUTHORIZATION pipeline_owner;
CREATE SCHEMA IF NOT EXISTS water_quality AUTHORIZATION pipeline_owner;

GRANT USAGE ON SCHEMA pipeline, water_quality TO pipeline_writer, pipeline_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA water_quality TO pipeline_writer;
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA pipeline TO pipeline_writer;
GRANT SELECT ON ALL TABLES IN SCHEMA pipeline, water_quality TO pipeline_reader;

-- The same for tables that pipeline_owner makes later.
ALTER DEFAULT PRIVILEGES FOR ROLE pipeline_owner IN SCHEMA water_quality GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO pipeline_writer;
ALTER DEFAULT PRIVILEGES FOR ROLE pipeline_owner IN SCHEMA pipeline GRANT SELECT, INSERT, UPDATE ON TABLES TO pipeline_writer;
ALTER DEFAULT PRIVILEGES FOR ROLE pipeline_owner IN SCHEMA pipeline, water_quality GRANT SELECT ON TABLES TO pipeline_reader;
