#!/usr/bin/env bash
# Runs the job stream-ingest: embedded, or on Spark where MASTER or SPARK_HOME say so. --script-help tells of the settings.
JOB=stream-ingest JOB_DLL=StreamIngest.dll
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
run_job "$@"
